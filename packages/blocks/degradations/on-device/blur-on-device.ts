import { fourierConvolution, statelessNormal } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor3D } from '@tensorflow/tfjs-core';
import type { DrawnBlur } from './drawn-blur.ts';

/**
 * The degraded image, HWC in [0, 1] (beyond that where noise is not clipped by rounding). It follows from what was drawn alone. Blurred in float32,
 * so where `Degrade` comes near a half, it may be rounded the other way.
 */
export function blurOnDevice({ width, height, around, kernel, noise, isLight, quantize }: DrawnBlur): Tensor3D {
  return tf.tidy(() => {
    const { side, weights } = kernel;
    const image = tf.tensor3d(around, [height + side - 1, width + side - 1, 3]);
    const blurred = fourierConvolution(image, tf.tensor2d(weights, [side, side]));
    const exposed = isLight ? toSrgb(blurred) : blurred;
    const noisy = noise ? tf.add(exposed, noiseOf(noise, exposed.shape)) : exposed;
    const levels = quantize ? tf.round(tf.clipByValue(noisy, 0, 255)) : noisy;
    return tf.div(levels, 255);
  });
}

function noiseOf({ deviation, seed }: NonNullable<DrawnBlur['noise']>, shape: Tensor3D['shape']): Tensor3D {
  return tf.mul(statelessNormal<Tensor3D>(shape, tf.tensor1d([...seed], 'int32')), deviation);
}

/** What a sensor that clips at 255 makes of light, by the transfer function of sRGB (IEC 61966-2-1). */
function toSrgb(light: Tensor3D): Tensor3D {
  const linear = tf.div(tf.clipByValue(light, 0, 255), 255);
  const curved = tf.sub(tf.mul(tf.pow(linear, 1 / 2.4), 1.055), 0.055);
  return tf.mul(tf.where(tf.lessEqual(linear, 0.0031308), tf.mul(linear, 12.92), curved), 255);
}
