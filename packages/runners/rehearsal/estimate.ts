import { machineMemory } from '@dualprior/core';
import { freeMemory } from './memory.ts';
import { Exceeded, inOwnProcess, type OwnProcessOptions } from './own-process.ts';
import type { RehearsalLimits, RehearsedStage } from './rehearse-stage.ts';
import type { RehearsalTask } from './task.ts';

/** What a stage that is still to train will take on this machine. */
export interface StageEstimate {
  /** Images of an iteration. */
  readonly batch: number;
  /** The time of one iteration, without validations; occasional regularisers count as often as they occur in `iterations`. */
  readonly secondsPerIteration: number;
  /** Greatest resident memory, in bytes; null where the system does not tell it. */
  readonly peakBytes: number | null;
  /** Whether this machine has so much memory. */
  readonly fits: boolean;
  /** What was run for it: so many iterations on so many images. Where none was on `batch` images, the rest is extrapolated. */
  readonly measured: readonly { readonly batch: number; readonly iterations: number }[];
}

type Measure = (batch: number, limits: RehearsalLimits) => Promise<Measured>;

export interface Measured {
  readonly seconds: readonly number[];
  /** For each iteration, whether it also traced a form of the step. */
  readonly traced: readonly boolean[];
  readonly peakBytes: number | null;
}

/** In so many iterations every regulariser of the usual intervals has had its turn. */
const CYCLE = 16;
const WHOLE: RehearsalLimits = { iterations: 2 * CYCLE + 1, seconds: 30 };
/**
 * Few images, until steps are as they will be: the first ones trace, one form of the step after the other. Not in parallel parts, as time and memory grow
 * with the images only without: what follows for larger batches is then more than a run takes.
 */
const SMALL: RehearsalLimits = { iterations: 2 * CYCLE + 1, steady: 3, seconds: 60, inParallel: false };
/** A whole batch is run where an iteration should take no longer, in seconds. */
const SHORT = 3;
/** No measurement takes longer, in seconds. */
const BOUND = 1200;

/**
 * Measures a stage by its first iterations: on a whole batch where that is short and fits, else on one image and on two, from which the
 * rest is extrapolated, in proportion to one image where two exceed the memory. Errors: as `measure` of one image.
 */
export async function estimate(
  batch: number,
  measure: Measure,
  memory: { readonly free: () => number; readonly machine: number } = { free: freeMemory, machine: machineMemory() },
): Promise<StageEstimate> {
  const of = (
    secondsPerIteration: number,
    peakBytes: number | null,
    taken: readonly (Measured & { batch: number })[],
  ): StageEstimate => ({
    batch,
    secondsPerIteration,
    peakBytes,
    fits: (peakBytes ?? 0) <= memory.machine,
    measured: taken.map((each) => ({ batch: each.batch, iterations: each.seconds.length })),
  });

  const one = await measure(1, SMALL);
  const isShort = secondsPerIteration(one) * batch <= SHORT;
  if (isShort && (one.peakBytes ?? 0) * batch <= memory.free()) {
    const whole = await unlessExceeded(measure(batch, WHOLE));
    if (whole) return of(secondsPerIteration(whole), whole.peakBytes, [{ ...whole, batch }]);
  }
  if (batch === 1) return of(secondsPerIteration(one), one.peakBytes, [{ ...one, batch }]);
  const two = await unlessExceeded(measure(2, SMALL));
  const at = (of1: number, of2: number | undefined) => extrapolated(batch, of1, of2 ?? 2 * of1);
  return of(
    at(secondsPerIteration(one), two && secondsPerIteration(two)),
    one.peakBytes && at(one.peakBytes, two?.peakBytes ?? undefined),
    [{ ...one, batch: 1 }, ...(two ? [{ ...two, batch: 2 }] : [])],
  );
}

/**
 * Measures a stage in processes of their own.
 * @param batchOption the option with the count of images of a step
 * Errors: `Exceeded`, `Interrupted`, what an iteration throws.
 */
export function measureStage(
  stage: string,
  batchOption: string,
  { set, ...task }: Omit<RehearsalTask, 'part'>,
  { told, signal }: Omit<OwnProcessOptions, 'seconds'>,
): Measure {
  return async (batch, limits) => {
    const own = { ...task, set: [...set, `stages.${stage}.${batchOption}=${batch}`], part: { stage, limits } };
    const { value, peakBytes } = await inOwnProcess<RehearsedStage>(own, { told, signal, seconds: BOUND });
    return { seconds: value.seconds, traced: value.traced, peakBytes };
  };
}

async function unlessExceeded<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Exceeded) return undefined;
    throw error;
  }
}

/** Extrapolates a value that grows linearly from 1 and 2 to `batch`. */
function extrapolated(batch: number, one: number, two: number): number {
  return one + (batch - 1) * Math.max(0, two - one);
}

/**
 * Of an iteration that traces nothing: the mean of a whole cycle of regularisers; of fewer iterations their median. Where all trace, of
 * the last one.
 */
export function secondsPerIteration({ seconds, traced }: Pick<Measured, 'seconds' | 'traced'>): number {
  const steady = seconds.filter((_, i) => !traced[i]);
  const isCycle = seconds.length > CYCLE && !traced.slice(-CYCLE).includes(true);
  if (isCycle) return steady.slice(-CYCLE).reduce((sum, each) => sum + each, 0) / CYCLE;
  if (steady.length === 0) return seconds.at(-1)!;
  return steady.sort((a, b) => a - b)[Math.floor(steady.length / 2)]!;
}
