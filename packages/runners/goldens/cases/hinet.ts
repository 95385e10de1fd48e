import { HiNet } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { nchw, type Golden, type GoldenFamily } from '../golden.ts';
import { gradients, projection, withWeights } from './cotangent.ts';

/** Cases of HINet: the images of both stages, and the gradients of mean(stage 1 * R1) + mean(stage 2 * R2). */
export const hinet: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'HINet',

  compute(golden) {
    const network = new HiNet(options(golden));
    return withWeights(golden, network, (parameters) => {
      const input = golden.image('input');
      const { image, auxiliary } = parameters.use(() => network.restore(input));
      const results = new Map<string, NdArray>([
        ['output_stage1', nchw(auxiliary[0]!)],
        ['output_stage2', nchw(image)],
      ]);
      if (!golden.has('R1') || !golden.has('R2')) return results;
      const [first, second] = [golden.image('R1'), golden.image('R2')];
      const loss = (x: typeof input) => {
        const restored = network.restore(x);
        return tf.add(projection(restored.auxiliary[0]!, first), projection(restored.image, second)) as tf.Scalar;
      };
      gradients(parameters, input, loss, { loss: 'loss', gradient: 'grad' }).forEach((array, name) =>
        results.set(name, array),
      );
      return results;
    });
  },
};

interface Config {
  readonly wf: number;
  readonly depth: number;
  readonly in_chn?: number;
  readonly relu_slope?: number;
  readonly hin_position_left?: number;
  readonly hin_position_right?: number;
}

function options({ manifest }: Golden): ConstructorParameters<typeof HiNet>[0] {
  const config = manifest.config as unknown as Config;
  return {
    width: config.wf,
    depth: config.depth,
    imageChannels: config.in_chn ?? 3,
    reluSlope: config.relu_slope ?? 0.2,
    hinPositionLeft: config.hin_position_left ?? 0,
    hinPositionRight: config.hin_position_right ?? 4,
    initialization: 'pytorch',
  };
}
