import type { Dataset, Sampling } from '@dualprior/blocks';
import type { Random, RunnableStep } from '@dualprior/core';
import type { Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { writeResult } from '../../store/result-file.ts';
import { TrainingState } from '../../store/training-state.ts';
import { numbersOf } from '../common/loss-terms.ts';
import { split } from './accumulated.ts';
import { prefetched } from './prefetched.ts';
import { partsOf, type BatchOptions } from './progressive.ts';
import { runnable, runtimeOf, type Runtime, type runtimeOption } from '../runtime.ts';
import type { StageContext, Trained } from '../stage.ts';
import { trainingLoop, type StepResult } from './training-loop.ts';
import { diagnosis } from './diagnosis.ts';
import { PhasedStep } from './phased-step.ts';
import type { Phase, TrainingPlan } from './training-plan.ts';

/** The options that all stages have. */
export interface TrainingOptions {
  readonly data: Dataset;
  readonly iterations: number;
  readonly batch: BatchOptions;
  readonly augment: Partial<Sampling['augment']>;
  readonly saveEvery: number;
  readonly logEvery: number;
  readonly runtime: Static<typeof runtimeOption>;
}

/** Trains what a plan states, or continues from the state in `context.folder`, to the end. The stage is prepared. */
export async function train<Given extends NamedTensorMap>(
  plan: TrainingPlan<Given>,
  options: TrainingOptions,
  context: StageContext,
): Promise<Trained> {
  for (const loss of plan.losses) await loss.prepare?.();
  const step = new PhasedStep(plan, options.batch.accumulate);
  const runtime = { ...runtimeOf(context, options.runtime), shapes: partsOf(options.batch).length };
  const iteration = new Iteration(plan, step, options.iterations, runtime);
  const validations = plan.validations(step.networks, runtime);
  const augment = { flip: false, rotate: false, ...options.augment };
  const batches = prefetched(context, options, { stream: 'batch', augment });

  try {
    return await trainingLoop(
      {
        iterations: options.iterations,
        state: new TrainingState(context.folder, step.variables),
        step: async (number) => iteration.run(number, await batches.get(number)),
        validations,
        export: (file, best) =>
          writeResult(
            join(context.folder, `${file}.safetensors`),
            Object.values(step.networks).map((network) => network.result()),
            { ...context.metadata, ...(best && { metrics: JSON.stringify({ best }) }) },
          ),
        saveEvery: options.saveEvery,
        logEvery: options.logEvery,
      },
      context,
    );
  } finally {
    await batches.close();
    for (const validation of validations) validation?.dispose?.();
    iteration.dispose();
    step.dispose();
    for (const loss of plan.losses) loss.dispose?.();
  }
}

/** The iterations of a plan as they run: one step for each set of phases that have their turn together. */
class Iteration<Given extends NamedTensorMap> {
  readonly #steps = new Map<string, RunnableStep<Tensor[], NamedTensorMap>>();

  constructor(
    private readonly plan: TrainingPlan<Given>,
    private readonly step: PhasedStep<Given>,
    private readonly iterations: number,
    private readonly runtime: Runtime,
  ) {}

  run(iteration: number, batch: Parameters<TrainingPlan<Given>['inputs']>[0]): StepResult {
    const { plan, step, iterations } = this;
    const due = step.due(iteration);
    const numbers = step.numbersAt(iteration, iterations);
    const rates = { ...step.rates(numbers), ...plan.counts?.(iteration) };
    const { accumulate } = step;
    const all: Record<string, number>[] = [];
    for (const [i, part] of split(batch, accumulate).entries()) {
      const what = i < accumulate - 1 ? 'collect' : 'run';
      const scalars = what === 'run' ? numbers : { begun: Math.min(1, i) };
      const { losses, notFinite } = tf.tidy(() => this.#run(what, due, plan.inputs(part, iteration), scalars));
      if (notFinite !== undefined) return { losses, rates, notFinite };
      all.push(losses);
    }
    return { losses: mean(all), rates };
  }

  #run(
    what: 'run' | 'collect',
    due: readonly Phase<Given>[],
    given: NamedTensorMap,
    numbers: Readonly<Record<string, number>>,
  ): Omit<StepResult, 'rates'> {
    const scalars = Object.entries(numbers).map(([name, value]) => [name, tf.scalar(value)] as const);
    const inputs: NamedTensorMap = { ...given, ...Object.fromEntries(scalars) };
    const results = this.#runnable(what, due, Object.keys(inputs)).run(...Object.values(inputs));
    const { finite, ...losses } = numbersOf(results);
    return { losses, ...(!Number.isFinite(finite) && { notFinite: diagnosis(this.step, due, inputs) }) };
  }

  dispose(): void {
    for (const step of this.#steps.values()) step.dispose();
  }

  /** @param names of the arguments */
  #runnable(
    what: 'run' | 'collect',
    due: readonly Phase<Given>[],
    names: readonly string[],
  ): RunnableStep<Tensor[], NamedTensorMap> {
    const key = [what, ...due.map((phase) => this.plan.phases.indexOf(phase))].join();
    const known = this.#steps.get(key);
    if (known) return known;
    const made = runnable(this.step.ordered(due, names, what), this.runtime);
    this.#steps.set(key, made);
    return made;
  }
}

/** The mean of each, over the parts of a batch. */
function mean(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = Object.keys(all[0]!);
  return Object.fromEntries(names.map((name) => [name, all.reduce((sum, part) => sum + part[name]!, 0) / all.length]));
}

/** The seed of an iteration (int32, shape (2)), from a stream of this name. */
export function seedOf(random: Random, stream: string, iteration: number): Tensor1D {
  const words = random.stream(stream, iteration);
  return tf.tensor1d([words.uint32() | 0, words.uint32() | 0], 'int32');
}
