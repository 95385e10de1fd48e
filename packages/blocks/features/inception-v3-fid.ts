import { basename } from 'node:path';
import { weightsIdentity } from '@dualprior/core';
import type { Static } from '@sinclair/typebox';
import { inceptionV3Fid } from './architectures/inception-v3-fid.ts';
import { features } from './feature-extractor.ts';
import { TrunkFeatures } from './trunks/trunk-features.ts';
import { weightsOptions } from './trunks/weights-options.ts';

const Options = weightsOptions('pytorch-fid: pt_inception-2015-12-05-6726825d.pth');

/** The SHA-256 of the official file begins as its name ends. */
const OFFICIAL = '6726825d';

/** The Inception v3 that FID is defined by, with pytorch-fid's names. Its resizing has no right gradient, so it is for metrics. */
@features.component({
  type: 'inception-v3-fid',
  description: 'the Inception v3 of the Frechet inception distance, for metrics',
  options: Options,
  about: () => ({ substitute: false }),
})
export class InceptionV3FidFeatures extends TrunkFeatures {
  constructor({ weights }: Static<typeof Options>) {
    super(inceptionV3Fid, weights, /^fc\.|^AuxLogits\.|\.num_batches_tracked$/, {
      differentiable: false,
      sets: {
        layers: [
          { name: 'pool3', channels: 2048 },
          { name: 'pool2', channels: 192 },
        ],
        get network() {
          return `pytorch-fid's InceptionV3 (${describeWeights(weights)})`;
        },
        resizing: 'images resized to 299x299 (bilinear, half-pixel centres, no antialiasing)',
      },
    });
  }
}

function describeWeights(file: string): string {
  const hash = weightsIdentity(file);
  if (hash.startsWith(OFFICIAL)) return 'weights of 2015-12-05';
  return `weights ${basename(file)}, SHA-256 ${hash.slice(0, OFFICIAL.length)}..., not the official file`;
}
