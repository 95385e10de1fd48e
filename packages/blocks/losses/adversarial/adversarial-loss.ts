import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** The two sides of a GAN as functions of the discriminator's logits (any shape); each is a mean over all logits. */
export interface AdversarialLoss {
  /** For the discriminator: low where real images have high logits. */
  real(logits: Tensor): Scalar;
  /** For the discriminator: low where generated images have low logits. */
  fake(logits: Tensor): Scalar;
  /** For the generator: low where its images have high logits. */
  generator(logits: Tensor): Scalar;
}

/** max(0, 1 -+ logits), and -logits for the generator (Lim and Ye 2017). */
export const hinge: AdversarialLoss = {
  real: (logits) => tf.mean(tf.relu(tf.sub(1, logits))),
  fake: (logits) => tf.mean(tf.relu(tf.add(1, logits))),
  generator: (logits) => tf.mean(tf.neg(logits)),
};

/** Least squares to 1 for real and 0 for generated images (Mao et al. 2017). */
export const leastSquares: AdversarialLoss = {
  real: (logits) => tf.mean(tf.square(tf.sub(logits, 1))),
  fake: (logits) => tf.mean(tf.square(logits)),
  generator: (logits) => tf.mean(tf.square(tf.sub(logits, 1))),
};

/** -+logits, the critic of the Wasserstein distance (Arjovsky et al. 2017), which must be kept Lipschitz by other means. */
export const wasserstein: AdversarialLoss = {
  real: (logits) => tf.mean(tf.neg(logits)),
  fake: (logits) => tf.mean(logits),
  generator: (logits) => tf.mean(tf.neg(logits)),
};

/**
 * softplus(-+logits), the non-saturating logistic loss (Goodfellow et al. 2014; StyleGAN2). `tf.softplus` does not overflow:
 * it is the identity for large logits.
 */
export const logistic: AdversarialLoss = {
  real: (logits) => tf.mean(tf.softplus(tf.neg(logits))),
  fake: (logits) => tf.mean(tf.softplus(logits)),
  generator: (logits) => tf.mean(tf.softplus(tf.neg(logits))),
};

/**
 * By the names of BasicSR's GANLoss (BasicSR:basicsr/losses/gan_loss.py). `vanilla` is the binary cross-entropy of the
 * logits with the labels 1 and 0, which is the logistic loss.
 */
export const ADVERSARIAL_LOSSES = {
  hinge,
  lsgan: leastSquares,
  vanilla: logistic,
  wgan: wasserstein,
  wgan_softplus: logistic,
} satisfies Record<string, AdversarialLoss>;

/** The discriminator's whole loss on a batch of each (rosinality, stylegan2-pytorch:train.py, d_logistic_loss). */
export function discriminatorLoss(loss: AdversarialLoss, real: Tensor, fake: Tensor): Scalar {
  return tf.add(loss.real(real), loss.fake(fake));
}
