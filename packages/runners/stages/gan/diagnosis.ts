import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { firstNotFiniteIn, type JointUpdate, type Look } from '../first-not-finite.ts';
import type { GanObjective } from './objective.ts';

/** What is not finite first when an iteration begins with these images, computed operation by operation; for people. */
export function diagnosis(
  objective: GanObjective,
  update: Omit<JointUpdate, 'networks'>,
  real: Tensor4D,
  seed: Tensor1D,
): string {
  const { generator, discriminator } = objective;
  const [g, d] = [generator.parameters, discriminator.parameters];
  return tf.tidy(() => {
    const images = (): Tensor4D => objective.fakeImages(seed);
    const looks: Look[] = [
      ['the generator', g, () => tf.mean(objective.generated(seed))],
      ['the discriminator', d, () => objective.discriminatorLoss(real, tf.zerosLike(real), seed).loss],
      ['the discriminator of generated images', d, () => objective.discriminatorLoss(real, images(), seed).loss],
      ["the generator's loss", g, () => d.use(() => objective.generatorLoss(seed).loss)],
      ['the path lengths', g, () => objective.pathLength(seed, tf.scalar(0)).loss],
      ['R1', d, () => objective.r1(real, seed).loss],
    ];
    return firstNotFiniteIn(looks, { ...update, networks: new Map(Object.entries({ generator, discriminator })) });
  });
}
