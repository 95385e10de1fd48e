import {
  discriminatorLoss,
  facialComponentLoss,
  facialComponentTerms,
  halvedTo,
  isComponentDiscriminator,
  isDiscriminator,
  isEncoder,
  isFeatureEncoder,
  isFuser,
  isGenerator,
  isLatentEncoder,
  isRestorer,
  logistic,
  mixStyles,
  pathLengthPenalty,
  perFacialPart,
  r1Penalty,
  truncate,
  type ComponentDiscriminator,
  type Generator,
  type Network,
} from '@dualprior/blocks';
import { statelessNormal } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

/** Compares an image with its target, both NHWC. */
type Compare = (output: Tensor4D, sharp: Tensor4D) => Scalar;

/** Takes two batches of images (NHWC) and a seed (int32, shape (2)). */
type Objective = (degraded: Tensor4D, sharp: Tensor4D, seed: Tensor1D) => Scalar;

/**
 * What a network can be trained for without others: all that it computes, with gradients of the order that its stages need. Errors: a
 * network of a kind that is not known here.
 */
export function objectiveOf(network: Network, compare: Compare): Objective {
  if (isRestorer(network)) {
    return (degraded, sharp) => {
      const { image, auxiliary } = network.restore(degraded);
      return tf.addN([...auxiliary, image].map((output) => compare(output, halvedTo(sharp, output.shape[1]))));
    };
  }
  if (isGenerator(network)) return (_, sharp, seed) => generatorObjective(network, compare, sharp, seed);
  if (isEncoder(network)) {
    return (image) => {
      const { feature, latents } = network.encode(image);
      return tf.add(meanSquare(feature), meanSquare(latents));
    };
  }
  if (isFeatureEncoder(network)) return (image) => meanSquare(network.predictFeature(image));
  if (isLatentEncoder(network)) return (image) => meanSquare(network.predict(image));
  if (isFuser(network)) return (degraded, sharp) => compare(network.fuse(degraded, tf.reverse(sharp, 2)), sharp);
  if (isDiscriminator(network)) {
    return (fake, real) => {
      const score = (image: Tensor4D) => network.score(image);
      return tf.add(discriminatorLoss(logistic, score(real), score(fake)), r1Penalty(score, real));
    };
  }
  if (isComponentDiscriminator(network)) return (fake, real) => componentObjective(network, fake, real);
  throw unknownKind();
}

/** What a network makes of a batch of images (NHWC); a generator makes as many from latents. Errors: as above. */
export function inferenceOf(network: Network): (images: Tensor4D, seed: Tensor1D) => readonly Tensor[] {
  if (isRestorer(network)) return (images) => [network.restore(images).image];
  if (isGenerator(network)) {
    return ({ shape }, seed) => {
      const z = statelessNormal<Tensor2D>([shape[0], network.styleWidth], seed);
      return [network.synthesize(network.map(z))];
    };
  }
  if (isEncoder(network)) return (images) => Object.values(network.encode(images)) as Tensor[];
  if (isFeatureEncoder(network)) return (images) => [network.predictFeature(images)];
  if (isLatentEncoder(network)) return (images) => [network.predict(images)];
  if (isFuser(network)) return (images) => [network.fuse(images, tf.reverse(images, 2))];
  if (isDiscriminator(network)) return (images) => [network.score(images)];
  if (isComponentDiscriminator(network)) return (images) => [network.judge(images).logits];
  throw unknownKind();
}

function unknownKind(): Error {
  return new Error('A network of another kind needs an objective of its own here.');
}

function meanSquare(x: Tensor): Scalar {
  return tf.mean(tf.square(x));
}

function componentObjective(network: ComponentDiscriminator, fake: Tensor4D, real: Tensor4D): Scalar {
  const [fakes, reals] = [fake, real].map((image) => perFacialPart(() => image));
  const discriminators = perFacialPart(() => network);
  const { adversarial, style } = facialComponentTerms(discriminators, fakes!, reals!);
  return tf.addN([facialComponentLoss(network, fake, real), adversarial, style]);
}

/** Mixed styles, the path length penalty, and a feature that enters at the second resolution, so that every layer is trained. */
function generatorObjective(network: Generator, compare: Compare, sharp: Tensor4D, noise: Tensor1D): Scalar {
  const batch = sharp.shape[0];
  const [first, second] = tf.split(statelessNormal<Tensor2D>([2 * batch, network.styleWidth], noise), 2);
  const w = mixStyles(network.map(first as Tensor2D), network.map(second as Tensor2D), 3, network.latents);
  const synthesize = (latents: Tensor3D) => network.synthesize(latents, { noise });
  const image: Tensor4D = tf.div(tf.add(synthesize(w), 1), 2);
  const paths = pathLengthPenalty(synthesize, w, statelessNormal<Tensor4D>(sharp.shape, noise), tf.scalar(0), 0.01);
  const feature = tf.zeros<Rank.R4>([batch, 8, 8, network.featureChannels(8)]);
  const entered = network.synthesize(truncate(w, network.meanLatent(), 0.5), { from: { resolution: 8, feature } });
  return tf.addN([compare(image, sharp), compare(entered, sharp), paths.penalty]);
}
