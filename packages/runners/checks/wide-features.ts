import { isEncoder, type Network } from '@dualprior/blocks';
import type { Container, Experiment, Log } from '@dualprior/core';

const IMAGE_CHANNELS = 3;
/** Below so many pixels f is to enter at no more than `COARSE`: the paper's enters at 16x16 of 512x512. */
const SMALL = 128;
const COARSE = 8;

/** Warns of each inversion encoder whose f is no bottleneck: of a resolution near the image's, or with more values than the image has. */
export function warnOfWideFeatures(experiment: Experiment, container: Container, log: Log): void {
  for (const [name, spec] of experiment.entries('networks')) {
    const encoder = container.create<Network>('network', spec);
    if (!isEncoder(encoder)) continue;
    const { size, resolution, featureChannels: channels } = encoder;
    const [f, image] = [resolution ** 2 * channels, size ** 2 * IMAGE_CHANNELS];
    const problems = [
      ...(size < SMALL && resolution > COARSE
        ? [
            `it enters at ${resolution}x${resolution} of ${size}x${size} (below ${SMALL} pixels ${COARSE}x${COARSE} or less keep it one)`,
          ]
        : []),
      ...(f > image
        ? [`it holds ${f.toLocaleString('en')} numbers, more than the ${image.toLocaleString('en')} of an image`]
        : []),
    ];
    if (problems.length === 0) continue;
    log.warn(
      `networks.${name}: f is no bottleneck: ${problems.join(', and ')}. The generator can then copy the regression network's image, whatever the prior knows (docs/paper.md explains f).`,
    );
  }
}
