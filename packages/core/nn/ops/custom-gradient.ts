import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A value with the gradient of sum(dy value) with respect to each input, in their order, of dy and what is saved. */
interface WithGradient<Output extends Tensor> {
  readonly value: Output;
  readonly saved: readonly Tensor[];
  readonly gradient: (dy: Output, saved: readonly Tensor[]) => Tensor | Tensor[];
}

/** A function of tensors with a gradient of its own: `tf.customGrad`, typed. Whatever the gradient reads is in `saved`. */
export function customGradient<Inputs extends readonly Tensor[], Output extends Tensor>(
  inputs: readonly [...Inputs],
  compute: (...inputs: Inputs) => WithGradient<Output>,
): Output {
  const differentiable = tf.customGrad((...parameters) => {
    const save = parameters.pop() as unknown as (tensors: readonly Tensor[]) => void;
    const { value, saved, gradient } = compute(...(parameters as unknown as Inputs));
    save(saved);
    return { value, gradFunc: (dy: Tensor, kept: Tensor[]) => gradient(dy as Output, kept) };
  });
  return differentiable(...inputs) as Output;
}
