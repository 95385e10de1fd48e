import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directSampler, type Sampler } from '@dualprior/blocks';
import { Journal, listenToGradients, type Container, type Experiment, type Parameters } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { Interrupted } from '../stages/interrupted.ts';
import type { Stage, StageContext } from '../stages/stage.ts';
import { peakMemoryOf } from './peak-memory-of.ts';

export interface RehearsedStage {
  readonly name: string;
  /** The networks that it trains. */
  readonly networks: readonly { readonly reference: string; readonly parameters: number }[];
  /** Of a whole training. */
  readonly iterations: number;
  /** Shape of a batch of images: NHWC. */
  readonly batch: readonly number[];
  /** Of each iteration that was run; the first traces the step. */
  readonly seconds: readonly number[];
  /** Greatest resident memory meanwhile, in bytes; null where the system does not tell it. */
  readonly peakBytes: number | null;
  /** Parameters of trained networks on which no loss depends: `reference: name`. */
  readonly withoutGradient: readonly string[];
}

export interface RehearsalLimits {
  /** Most iterations. */
  readonly iterations: number;
  /** No iteration begins after so many seconds. */
  readonly seconds: number;
}

/**
 * Runs the first iterations of a stage as a run does, in a folder that is deleted afterwards. All its networks have first weights.
 * Errors: what an iteration throws.
 */
export async function rehearseStage(
  name: string,
  { experiment, container, signal }: { experiment: Experiment; container: Container; signal: AbortSignal },
  limits: RehearsalLimits,
): Promise<RehearsedStage> {
  const folder = mkdtempSync(join(tmpdir(), 'dualprior-rehearsal-'));
  const enough = new AbortController();
  const seconds: number[] = [];
  const missing = new Map<Parameters, Set<number>>();
  const stopListening = listenToGradients((group, places) => {
    const known = missing.get(group);
    missing.set(group, new Set(known ? places.filter((place) => known.has(place)) : places));
  });
  let batch: readonly number[] = [];
  let clock = performance.now();
  const bar = {
    update: () => {
      const now = performance.now();
      seconds.push((now - clock) / 1000);
      clock = now;
      const sum = seconds.reduce((total, each) => total + each, 0);
      if (seconds.length >= limits.iterations || sum > limits.seconds || signal.aborted) enough.abort();
    },
    stop: () => {},
  };
  const sampler: Sampler = {
    ...directSampler,
    batch: async (...values) => {
      const made = await directSampler.batch(...values);
      batch = made.shape;
      return made;
    },
  };
  try {
    const stage = container.get<Stage>('stages', name);
    const context: StageContext = {
      name,
      folder,
      seed: experiment.seed,
      runtime: experiment.config.runtime,
      openJournal: (position) => Journal.open(join(folder, 'journal.jsonl'), { position }),
      sampler,
      console: silent(() => {
        clock = performance.now();
        return bar;
      }),
      signal: enough.signal,
    };
    const { peakBytes } = await peakMemoryOf(() => untilStopped(stage.train(context)));
    if (signal.aborted) throw new Interrupted();
    const trained = [...stage.trains.values()];
    return {
      name,
      networks: trained.map(({ reference, parameters }) => ({ reference, parameters: parameters.count })),
      iterations: stage.iterations,
      batch,
      seconds,
      peakBytes,
      withoutGradient: trained.flatMap(({ reference, parameters }) => {
        const names = [...parameters.module.parameters().keys()];
        return [...(missing.get(parameters) ?? names.keys())].map((place) => `${reference}: ${names[place]!}`);
      }),
    };
  } finally {
    stopListening();
    rmSync(folder, { recursive: true, force: true });
  }
}

function silent(progress: Console['progress']): Console {
  const nothing = () => {};
  return { info: nothing, heading: nothing, warn: nothing, progress } as unknown as Console;
}

async function untilStopped(training: Promise<unknown>): Promise<void> {
  try {
    await training;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
}
