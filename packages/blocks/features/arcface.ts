import { weightsFileOption } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import { FACE_NETWORKS, faceArchitecture, IGNORED } from './arcface/face-networks.ts';
import { EMBEDDING, faceTrunk } from './arcface/face-trunk.ts';
import { features } from './feature-extractor.ts';
import { TrunkFeatures } from './trunks/trunk-features.ts';

const Options = Type.Object({
  architecture: faceArchitecture,
  weights: weightsFileOption({
    description: `official weights of the network, .pth or .safetensors with the official names (${Object.values(
      FACE_NETWORKS,
    )
      .map(({ file }) => file)
      .join('; ')}), or the name of published ones`,
  }),
});

/** A face recognition network (ArcFace, Deng et al. 2019), for metrics; the loss `identity` has its own. Its one layer is the vector of a face. */
@features.component({
  type: 'arcface',
  description: 'a face recognition network (ArcFace, Deng et al. 2019), for metrics',
  options: Options,
  about: () => ({ substitute: false }),
})
export class ArcFaceFeatures extends TrunkFeatures {
  constructor({ architecture, weights }: Static<typeof Options>) {
    super(() => faceTrunk(architecture), weights, IGNORED, {
      differentiable: false,
      faces: { layer: EMBEDDING, network: architecture },
    });
  }
}
