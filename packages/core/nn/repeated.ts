import type { Tensor } from '@tensorflow/tfjs-core';
import { DynamicValue } from './dynamic-value.ts';
import type { Module } from './module.ts';

/**
 * Makes functions of parts of a network. Calls with the same `structure` and inputs of the same shapes compute the same,
 * whichever module they stand for.
 */
export interface Nesting {
  call(structure: string, inputs: readonly Tensor[], compute: (inputs: readonly Tensor[]) => Tensor): Tensor;
}

const nesting = new DynamicValue<Nesting | undefined>(undefined);

/** While `compute` runs, the parts of networks that repeat become functions; with undefined they do not. */
export function nestedBy<T>(by: Nesting | undefined, compute: () => T): T {
  return nesting.during(by, compute);
}

/**
 * What `forward(x)` returns, a part of a network that repeats with the same shapes. Where a compiled step wants it, it
 * becomes a function of `x` and the parameters of `modules`, which all calls with this `structure` and these shapes share; then it has
 * first derivatives only. `structure` must say all that `forward` does besides what follows from the shapes.
 */
export function repeated<Input extends Tensor, Output extends Tensor>(
  modules: readonly Module[],
  structure: string,
  x: Input,
  forward: (x: Input) => Output,
): Output {
  const by = nesting.current;
  if (!by) return forward(x);
  const parameters = modules.flatMap((each) => [...each.parameters().values(), ...each.buffers().values()]);
  const values = parameters.map((parameter) => parameter.value);
  const compute = ([input, ...given]: readonly Tensor[]): Tensor => {
    const before = parameters.map((parameter) => parameter.lend(undefined));
    parameters.forEach((parameter, i) => parameter.lend(given[i]));
    try {
      return forward(input as Input);
    } finally {
      parameters.forEach((parameter, i) => parameter.lend(before[i]));
    }
  };
  return by.call(structure, [x, ...values], compute) as Output;
}
