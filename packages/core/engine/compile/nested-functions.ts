import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { UserError } from '../../errors/user-error.ts';
import { nestedBy, type Nesting } from '../../nn/repeated.ts';
import { customGradient } from '../../nn/ops/custom-gradient.ts';
import { withPlainOperations } from '../../nn/ops/own-operation.ts';
import { isDifferentiating } from '../../nn/ops/tape.ts';
import type { GraphFunction } from './graph.ts';
import type { Tracer } from './tracer.ts';

type Compute = (inputs: readonly Tensor[]) => Tensor;

/** The functions of one part of a network for inputs of certain shapes. */
interface Functions {
  readonly forward: GraphFunction;
  /** Takes the gradient of the result, then the inputs; it computes the forward pass again. Traced at its first call. */
  backward?: GraphFunction;
}

/**
 * Makes TensorFlow functions of the parts of a network that repeat: one for the forward and one for the backward of each tuple of
 * shapes. The backward computes the forward again, so that a step keeps only the parts' inputs.
 */
export class NestedFunctions implements Nesting {
  readonly #functions = new Map<string, Functions>();
  /** Operations in all functions. */
  operations = 0;

  /** @param attributes flags of TensorFlow's function runtime */
  constructor(
    private readonly outer: Tracer,
    private readonly attributes: readonly string[],
  ) {}

  get #byXla(): boolean {
    return this.attributes.includes('_XlaMustCompile');
  }

  get names(): string[] {
    return [...this.#functions.values()].flatMap(({ forward, backward }) =>
      backward ? [forward.name, backward.name] : [forward.name],
    );
  }

  call(structure: string, inputs: readonly Tensor[], compute: Compute): Tensor {
    const key = [structure, ...inputs.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`)].join();
    const functions = this.#functions.get(key) ?? { forward: this.#trace(inputs, (given) => [compute(given)]) };
    this.#functions.set(key, functions);
    return customGradient(inputs, (...values) => ({
      value: this.outer.call(functions.forward, values)[0]!,
      saved: values,
      gradient: (dy, saved) => {
        if (isDifferentiating()) throw secondDerivative(structure);
        functions.backward ??= this.#trace([dy, ...saved], ([of, ...given]) => gradients(compute, given, of!));
        return this.outer.call(functions.backward, [dy, ...saved]);
      },
    }));
  }

  #trace(like: readonly Tensor[], compute: (inputs: readonly Tensor[]) => Tensor[]): GraphFunction {
    const inner = this.outer.inner();
    try {
      return this.#register(inner, like, compute);
    } catch (error) {
      inner.graph.dispose();
      throw error;
    }
  }

  #register(inner: Tracer, like: readonly Tensor[], compute: (inputs: readonly Tensor[]) => Tensor[]): GraphFunction {
    return apart(() =>
      inner.run(() =>
        nestedBy(undefined, () => {
          const inputs = like.map((tensor, i) => inner.argument(i, tensor));
          const results = this.#byXla ? withPlainOperations(() => compute(inputs)) : compute(inputs);
          const outputs = results.map((tensor) => inner.output(tensor));
          const name = inner.graph.register(
            inner.inputs,
            outputs.map(({ id }) => id),
            this.attributes,
          );
          this.operations += inner.graph.size;
          return { name, shapes: outputs.map(({ shape }) => shape!), attributes: this.attributes };
        }),
      ),
    );
  }
}

function secondDerivative(structure: string): UserError {
  return new UserError(
    `${structure} has no second derivative where it is a function of its own: set runtime.recompute and runtime.xla to false for this stage.`,
  );
}

/** Zeros for inputs that the result does not depend on. */
function gradients(compute: Compute, inputs: readonly Tensor[], dy: Tensor): Tensor[] {
  const { grads } = tf.engine().gradients(() => compute(inputs), [...inputs], dy, true);
  return inputs.map((input, i) => (grads[i] as Tensor | null) ?? tf.zerosLike(input));
}

interface TapeState {
  gradientDepth: number;
  kernelDepth: number;
  activeTape: unknown;
}

/** Runs `compute` as if nothing were being differentiated around it. */
function apart<T>(compute: () => T): T {
  const state = tf.engine().state as unknown as TapeState;
  const { gradientDepth, kernelDepth, activeTape } = state;
  Object.assign(state, { gradientDepth: 0, kernelDepth: 0, activeTape: null });
  try {
    return compute();
  } finally {
    Object.assign(state, { gradientDepth, kernelDepth, activeTape });
  }
}
