import { constant, Module, Parameter } from '@dualprior/core/nn';
import type { Tensor1D } from '@tensorflow/tfjs-core';

/** The trained weights of LPIPS for the channels of each layer; state-dict names `lin0.model.1.weight`, shape (1, channels, 1, 1). */
export class LpipsHeads extends Module {
  readonly #weights: readonly Parameter<Tensor1D>[];

  constructor(channels: readonly number[]) {
    super();
    this.#weights = channels.map((count) => new Parameter([1, count, 1, 1], constant(1), 'channels'));
  }

  override parameters(): Map<string, Parameter> {
    return new Map(this.#weights.map((weight, i) => [`lin${i}.model.1.weight`, weight]));
  }

  /** One vector a layer. Only inside `Parameters.use`. */
  get values(): Tensor1D[] {
    return this.#weights.map(({ value }) => value);
  }
}
