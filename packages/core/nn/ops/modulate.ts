import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';
import { hasOwnOperation } from './own-operation.ts';

/** Names of the engine's operations, where it has them. */
export const MODULATE = 'DualpriorModulate';
export const MODULATE_GRADIENT = 'DualpriorModulateGradient';
export const STYLE_GRADIENT = 'DualpriorStyleGradient';

/** Each image of x (NHWC) times factors of its own for the channels, `style` (N, C). Has gradients of any order. */
export function modulate(x: Tensor4D, style: Tensor2D): Tensor4D {
  if (!hasOwnOperation(MODULATE)) return tf.mul(x, tf.reshape(style, [style.shape[0], 1, 1, style.shape[1]]));
  return customGradient([x, style], (image, factors) => ({
    value: tf.engine().runKernel<Tensor4D>(MODULATE, { x: image, style: factors }),
    saved: [image, factors],
    gradient: (dy, [savedImage, savedFactors]) =>
      tf.engine().runKernel<Tensor[]>(MODULATE_GRADIENT, { dy, x: savedImage!, style: savedFactors! }),
  }));
}

// dx = dy style, and the gradient of the style is the sum over pixels of dy x.
tf.registerGradient({
  kernelName: MODULATE_GRADIENT,
  inputsToSave: ['dy', 'x', 'style'],
  gradFunc: (gradients, saved) => {
    const [ofX, ofStyle] = gradients as Tensor[] as [Tensor4D, Tensor2D];
    const [dy, x, style] = saved as [Tensor4D, Tensor4D, Tensor2D];
    return {
      dy: () => tf.add(modulate(ofX, style), modulate(x, ofStyle)),
      x: () => modulate(dy, ofStyle),
      style: () => tf.sum(tf.mul(dy, ofX), [1, 2]),
    };
  },
});
