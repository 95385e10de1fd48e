import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';
import { isDifferentiating } from './tape.ts';

type NamedTensors = { readonly [name: string]: Tensor };

/** A function of named tensors with its derivative. Everything it reads is an input: a closure's tensors get no gradient. */
interface HandWritten<Inputs extends NamedTensors, Kept extends NamedTensors, Output extends Tensor> {
  /** The value, and what the gradient needs besides the inputs. */
  forward(inputs: Inputs): { readonly output: Output; readonly kept: Kept };
  /** Gradients of sum(dy output) with respect to each input. */
  backward(dy: Output, inputs: Inputs, kept: Kept): { readonly [Name in keyof Inputs]: Tensor };
}

/** Makes the function, with a gradient of the first order. Asking for a second derivative is an error (TensorFlow.js would give a wrong one). */
export function handWritten<Inputs extends NamedTensors, Kept extends NamedTensors, Output extends Tensor>(
  name: string,
  { forward, backward }: HandWritten<Inputs, Kept, Output>,
): (inputs: Inputs) => Output {
  return (inputs) => {
    const names = Object.keys(inputs);
    const named = (keys: string[], tensors: readonly Tensor[]) =>
      Object.fromEntries(keys.map((key, i) => [key, tensors[i]]));
    return customGradient<Tensor[], Output>(
      names.map((key) => inputs[key]!),
      (...values) => {
        const { output, kept } = forward(inputs);
        const gradient = (dy: Output, saved: readonly Tensor[]) => {
          if (isDifferentiating()) throw new Error(`${name} has no second derivative: its gradient is made for speed.`);
          return tf.tidy(() => {
            const given = named(names, saved) as Inputs;
            const gradients = backward(dy, given, named(Object.keys(kept), saved.slice(names.length)) as Kept);
            return names.map((key) => gradients[key]!);
          });
        };
        return { value: output, saved: [...values, ...Object.values(kept)], gradient };
      },
    );
  };
}
