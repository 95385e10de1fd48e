import type { RunnableStep, Step } from '@dualprior/core';
import type { NamedTensorMap, Tensor4D } from '@tensorflow/tfjs-core';
import type { GanTraining, Turn, Varying } from './gan-training.ts';

type Arguments = [real: Tensor4D, ...Varying];

/** The iterations of a training as they run, one step for each turn that there is. */
export class GanSteps {
  readonly #steps = new Map<string, RunnableStep<Arguments, NamedTensorMap>>();

  constructor(
    readonly training: GanTraining,
    readonly runnable: (step: Step<Arguments, NamedTensorMap>) => RunnableStep<Arguments, NamedTensorMap>,
  ) {}

  run(turn: Turn, ...values: Arguments): NamedTensorMap {
    const key = JSON.stringify([turn.pathLength, turn.r1]);
    let step = this.#steps.get(key);
    if (!step) {
      step = this.runnable((...symbols) => this.training.iteration(turn, ...symbols));
      this.#steps.set(key, step);
    }
    return step.run(...values);
  }

  dispose(): void {
    for (const step of this.#steps.values()) step.dispose();
    this.#steps.clear();
  }
}
