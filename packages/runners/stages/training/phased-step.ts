import { gradientsOf, trained, type Gradients } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { AccumulatedGradient } from './accumulated.ts';
import { checked } from './finite-guard.ts';
import { NetworkInTraining, type Changed, type NetworksInTraining, type Vector } from './network-in-training.ts';
import type { Phase, TrainingPlan } from './training-plan.ts';
import { learnersOf, sumOf, updatesOf, using, type Update } from './update.ts';

/** The networks of a plan in training, and one iteration of it as a pure function of tensors and of what it changes. */
export class PhasedStep<Given extends NamedTensorMap> {
  readonly networks: NetworksInTraining;
  readonly #all: readonly NetworkInTraining[];
  readonly #kept: ReadonlyMap<string, Vector>;
  /** Empty if a step takes one batch. */
  readonly #sums: ReadonlyMap<NetworkInTraining, AccumulatedGradient>;

  /** @param accumulate batches whose gradients are averaged for one step; the plan then has one phase */
  constructor(
    readonly plan: Pick<TrainingPlan<Given>, 'networks' | 'phases'>,
    readonly accumulate = 1,
  ) {
    const learners = Object.entries(plan.networks);
    this.#all = learners.map(([role, learner]) => new NetworkInTraining(role, learner, learners.length === 1));
    this.networks = Object.fromEntries(this.#all.map((network) => [network.role, network]));
    const names = plan.phases.flatMap(({ keeps }) => keeps ?? []);
    const sums = accumulate === 1 ? [] : this.#all;
    this.#sums = new Map(sums.map((network) => [network, new AccumulatedGradient(network.parameters, accumulate)]));
    this.#kept = new Map(names.map((name) => [name, tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([1]), false))]));
  }

  /** All that resuming needs, by name. */
  get variables(): ReadonlyMap<string, Vector> {
    const own = this.#all.flatMap(({ changed }) => changed);
    return new Map([...own.map(({ name, variable }) => [name, variable] as const), ...this.#kept]);
  }

  /** The same with whose it is: no network's, if it is kept from phase to phase. */
  get changed(): readonly (Changed & { readonly network?: NetworkInTraining })[] {
    return [
      ...this.#all.flatMap((network) => network.changed.map((each) => ({ ...each, network }))),
      ...[...this.#kept].map(([name, variable]) => ({ name, what: `\`${name}\``, variable })),
    ];
  }

  /** The phases that have their turn in an iteration (from 0). */
  due(iteration: number): readonly Phase<Given>[] {
    return this.plan.phases.filter(({ every = 1 }) => iteration % every === 0);
  }

  /** What changes from iteration to iteration beside the inputs, by name: rates, and what averages keep. */
  numbersAt(iteration: number, iterations: number): Record<string, number> {
    return Object.assign({}, ...this.#all.map((network) => network.numbersAt(iteration, iterations)));
  }

  /** The curves of the learning rates. */
  rates(numbers: Readonly<Record<string, number>>): Record<string, number> {
    return Object.assign({}, ...this.#all.map((network) => network.curves(numbers)));
  }

  /**
   * These phases in their order, then the averages.
   * @param inputs those of the plan and `numbersAt`
   * @returns what is worth a curve, and `finite`, which is not where a number was not: nothing has changed then
   */
  run(due: readonly Phase<Given>[], inputs: NamedTensorMap): NamedTensorMap {
    const given: NamedTensorMap = { ...inputs };
    const curves: NamedTensorMap = {};
    const losses: Scalar[] = [];
    for (const update of updatesOf(due)) {
      const { loss, seen, gradients, statistics } = this.differentiate(update, given);
      learnersOf(update, this.networks).forEach((network, i) => {
        network.descend(this.#sums.get(network)?.mean(gradients[i]!) ?? gradients[i]!, given);
        if (network.hasStatistics) network.parameters.buffers.assign(statistics[network.role]!);
      });
      for (const [name, value] of Object.entries(seen)) {
        const kept = this.#kept.get(name);
        if (kept) kept.assign(tf.reshape(value, [1]));
        else if (value.rank === 0) curves[name] = value;
      }
      losses.push(loss);
    }
    for (const network of this.#all) network.moveAverage(given);
    return { ...curves, finite: checked(tf.addN(losses), this.#witnesses(given)) };
  }

  /**
   * The gradients for one of the batches before the last one of a step, which `run` takes.
   * @param inputs those of `run`, and `begun`: 1 if batches of the same step came before, else 0
   * @returns as `run`
   */
  collect([phase]: readonly Phase<Given>[], inputs: NamedTensorMap): NamedTensorMap {
    const update = [phase!];
    const { loss, seen, gradients } = this.differentiate(update, { ...inputs });
    const begun = inputs['begun'] as Scalar;
    learnersOf(update, this.networks).forEach((network, i) => this.#sums.get(network)!.add(gradients[i]!, begun));
    return { ...Object.fromEntries(Object.entries(seen).filter(([, { rank }]) => rank === 0)), finite: loss };
  }

  /** `run` or `collect` as a function of tensors with these names, as it is compiled. */
  ordered(
    due: readonly Phase<Given>[],
    names: readonly string[],
    what: 'run' | 'collect' = 'run',
  ): (...values: Tensor[]) => NamedTensorMap {
    return (...values) => this[what](due, Object.fromEntries(names.map((name, i) => [name, values[i]!])));
  }

  /** Gradients of a step for those that take it, in their order; it adds to `given` what its phases are given and have seen. */
  differentiate(
    update: Update<Given>,
    given: NamedTensorMap,
  ): Gradients<NamedTensorMap> & { readonly statistics: Readonly<Record<string, Tensor1D>> } {
    for (const phase of update) {
      for (const name of phase.keeps ?? []) given[name] = tf.reshape(this.#kept.get(name)!, []);
      Object.assign(given, phase.given?.(given as Given));
    }
    const learners = learnersOf(update, this.networks);
    const others = this.#all.filter((network) => !learners.includes(network));
    const counting = learners.filter(({ hasStatistics }) => hasStatistics);
    const { seen, ...found } = gradientsOf(
      learners.map(({ parameters }) => parameters),
      () =>
        using(others, () => {
          const compute = () => sumOf(update, given as Given);
          if (counting.length === 0) return compute();
          const groups = counting.map(({ parameters }) => parameters);
          const { result, buffers } = trained(groups, compute);
          const statistics = counting.map(({ role }, i) => [STATISTICS + role, buffers[i]!] as const);
          return { loss: result.loss, seen: { ...result.seen, ...Object.fromEntries(statistics) } };
        }),
    );
    const statistics = Object.fromEntries(counting.map(({ role }) => [role, seen[STATISTICS + role] as Tensor1D]));
    const own = Object.fromEntries(Object.entries(seen).filter(([name]) => !name.startsWith(STATISTICS)));
    Object.assign(given, own);
    return { ...found, seen: own, statistics };
  }

  /** Frees what is its own; the networks are not. */
  dispose(): void {
    for (const network of this.#all) network.dispose();
    for (const variable of this.#kept.values()) variable.dispose();
    for (const sum of this.#sums.values()) sum.dispose();
  }

  #witnesses(given: NamedTensorMap): Tensor[] {
    return [...this.#all.flatMap((network) => [...network.witnesses, network.rate(given)]), ...this.#kept.values()];
  }
}

/** Before names of the running statistics that a step leaves. */
const STATISTICS = 'statistics of ';
