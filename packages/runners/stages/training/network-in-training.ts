import { Ema } from '@dualprior/blocks';
import type { Parameters } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor, Tensor1D, Variable } from '@tensorflow/tfjs-core';
import type { TrainedState } from '../../store/result-file.ts';
import type { Learner } from './training-plan.ts';

export type Vector = Variable<Rank.R1>;

/** A vector that steps change, with what it holds: `` the weights ``. */
export interface Changed {
  /** Its name in the state of a training. */
  readonly name: string;
  readonly what: string;
  readonly variable: Vector;
}

/** A network in training: its numbers, the state of its optimizer and its average. */
export class NetworkInTraining {
  readonly parameters: Parameters;
  /** All that its steps change. */
  readonly changed: readonly Changed[];
  readonly #state: Map<string, Vector>;
  readonly #ema: Ema | undefined;

  /** @param alone whether no other network is trained: names in the state then go without its role */
  constructor(
    readonly role: string,
    readonly learner: Learner,
    alone: boolean,
  ) {
    const { network, optimizer, average, savedAs = role } = learner;
    const { parameters } = network;
    const prefix = alone ? '' : `${role}.`;
    this.parameters = parameters;
    this.#state = optimizer.state(parameters.count);
    this.#ema = average && new Ema(parameters.vector, 0);
    const states = [...this.#state].map(([name, variable]) => ({
      name: `${prefix}optimizer.${name}`,
      what: `the optimizer's state (${name})`,
      variable,
    }));
    this.changed = [
      { name: savedAs, what: 'the weights', variable: parameters.vector },
      ...states,
      ...(this.#ema ? [{ name: `${prefix}ema`, what: 'the average of the weights', variable: this.#ema.average }] : []),
      ...(this.hasStatistics
        ? [{ name: `${prefix}buffers`, what: "the network's buffers", variable: parameters.buffers }]
        : []),
    ];
  }

  /** For display. */
  get label(): string {
    return this.learner.label ?? `the ${this.role}`;
  }

  get hasStatistics(): boolean {
    return this.learner.statistics === true && this.parameters.buffers.size > 0;
  }

  /** The numbers that others get: its average, where it has one. */
  get numbers(): Vector {
    return this.#ema?.average ?? this.parameters.vector;
  }

  /** Vectors that show by what they hold whether an update with a finite rate left all numbers finite. */
  get witnesses(): Vector[] {
    return [...this.learner.optimizer.witnesses(this.#state), ...(this.hasStatistics ? [this.parameters.buffers] : [])];
  }

  /** What changes from iteration to iteration: its rate, and what its average keeps; by name. */
  numbersAt(iteration: number, iterations: number): Record<string, number> {
    const { optimizer, average } = this.learner;
    return {
      [this.#rate]: optimizer.learningRate(iteration, iterations),
      ...(average && { [this.#decay]: average(iteration) }),
    };
  }

  /** The curve of its rate, if it has one. */
  curves(numbers: Readonly<Record<string, number>>): Record<string, number> {
    const { rate } = this.learner;
    return rate === undefined ? {} : { [rate]: numbers[this.#rate]! };
  }

  rate(given: NamedTensorMap): Scalar {
    return given[this.#rate] as Scalar;
  }

  descend(gradient: readonly Tensor[], given: NamedTensorMap): void {
    const { optimizer, rates } = this.learner;
    const { vector } = this.parameters;
    const update = () => optimizer.update(vector, gradient, this.#state, this.rate(given));
    if (!rates) return update();
    tf.tidy(() => {
      const before = tf.clone(vector);
      update();
      vector.assign(this.#partly(before, vector, rates));
    });
  }

  moveAverage(given: NamedTensorMap): void {
    this.#ema?.update(this.parameters.vector, given[this.#decay] as Scalar);
  }

  /** What it is worth a file. */
  result(): TrainedState {
    const { parameters, role } = this;
    const dictOf = (numbers: Tensor1D) => this.learner.result?.(numbers) ?? parameters.liveStateDict(numbers);
    return { role, state: dictOf(parameters.vector), average: this.#ema && dictOf(this.#ema.average) };
  }

  /** Frees what is its own; the network's numbers are not. */
  dispose(): void {
    for (const variable of this.#state.values()) variable.dispose();
    this.#ema?.average.dispose();
  }

  /** Each parameter after so many times the step that it took. */
  #partly(before: Tensor1D, after: Tensor1D, rates: (parameter: string) => number): Tensor1D {
    const { names } = this.parameters;
    const [old, now] = [before, after].map((vector) => this.parameters.pieces(vector));
    const parts = names.map((name, i) => {
      const factor = rates(name);
      const end = now![i]!;
      const part = factor === 1 ? end : tf.add(old![i]!, tf.mul(tf.sub(end, old![i]!), factor));
      return tf.reshape(part, [end.size]) as Tensor1D;
    });
    return tf.concat1d(parts);
  }

  get #rate(): string {
    return `${this.role}.rate`;
  }

  get #decay(): string {
    return `${this.role}.decay`;
  }
}

/** Those of a stage, by role. */
export type NetworksInTraining = Readonly<Record<string, NetworkInTraining>>;
