import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directSampler, type Sampler } from '@dualprior/blocks';
import {
  Journal,
  listenToGradients,
  type Container,
  type Experiment,
  type Parameters,
  setParts,
  Interrupted,
  UserError,
} from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { stages, type Stage, type StageContext } from '../stages/stage.ts';
import { UnreadableImages } from '../inference/unreadable-images.ts';
import { withoutGradient, type WithoutGradient } from './without-gradient.ts';

export interface RehearsedStage {
  readonly name: string;
  /** The iterations of a whole training. */
  readonly iterations: number;
  /** Shape of a batch of images: NHWC. */
  readonly batch: readonly number[];
  /** The time of each iteration that was run. */
  readonly seconds: readonly number[];
  /** For each, whether it also traced a form of the step, which takes seconds: one with a regulariser is another form than one without. */
  readonly traced: readonly boolean[];
  /** Parameters of trained networks on which no loss depends. */
  readonly withoutGradient: readonly WithoutGradient[];
}

export interface RehearsalLimits {
  /** Most iterations. */
  readonly iterations: number;
  /** So many iterations that trace nothing are enough. */
  readonly steady?: number;
  /** No iteration begins after so many seconds, if there was one that traced nothing. */
  readonly seconds?: number;
  /** Whether networks may compute the images of a batch in parallel; true by default. */
  readonly inParallel?: boolean;
}

/** A stage whose iterations all trace in the time that `limits` allows gets so many times as much. */
const PATIENCE = 4;

/**
 * Runs the first iterations of a stage as a run does, in a folder that is deleted afterwards. All its networks have initial weights.
 * Errors: what an iteration throws.
 */
export async function rehearseStage(
  name: string,
  { experiment, container, console }: { experiment: Experiment; container: Container; console: Console },
  limits: RehearsalLimits,
): Promise<RehearsedStage> {
  if (limits.inParallel === false) setParts(1);
  const folder = mkdtempSync(join(tmpdir(), 'dualprior-rehearsal-'));
  const enough = new AbortController();
  const seconds: number[] = [];
  const traced: boolean[] = [];
  const missing = new Map<Parameters, Set<number>>();
  // A compiled step is differentiated when it is traced, and only then.
  const spec = experiment.entry('stages', name);
  const { compile } = { ...experiment.config.runtime, ...stages.about(spec).runtime?.value };
  let differentiated = false;
  const stopListening = listenToGradients((group, places) => {
    differentiated = true;
    const known = missing.get(group);
    missing.set(group, new Set(known ? places.filter((place) => known.has(place)) : places));
  });
  let batch: readonly number[] = [];
  let clock: number | undefined;
  const iterated = () => {
    const now = performance.now();
    if (clock !== undefined) {
      seconds.push((now - clock) / 1000);
      traced.push(compile && differentiated);
      if (isEnough(seconds, traced, limits)) enough.abort();
    }
    differentiated = false;
    clock = now;
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
      unreadable: new UnreadableImages(console),
      console: withoutBar(console),
      signal: enough.signal,
      iterated,
    };
    await untilStopped(stage.train(context));
    if (seconds.length === 0)
      throw new UserError(`"${spec.type}" does not say when an iteration has ended (\`StageContext.iterated\`).`);
    const { iterations } = stage;
    return { name, iterations, batch, seconds, traced, withoutGradient: withoutGradient(stage, missing) };
  } finally {
    stopListening();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The console of a rehearsal, which is too short for a progress bar. */
function withoutBar(console: Console): Console {
  const quiet: Pick<Console, 'info' | 'heading' | 'warn' | 'progress'> = {
    info: (line) => console.info(line),
    heading: (line) => console.heading(line),
    warn: (line) => console.warn(line),
    progress: () => ({ update: () => {}, stop: () => {} }),
  };
  return quiet as Console;
}

async function untilStopped(training: Promise<unknown>): Promise<void> {
  try {
    await training;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
}

function isEnough(
  seconds: readonly number[],
  traced: readonly boolean[],
  { iterations, steady: wanted = Infinity, seconds: most = Infinity }: RehearsalLimits,
): boolean {
  const sum = seconds.reduce((total, each) => total + each, 0);
  const steady = traced.filter((each) => !each).length;
  return seconds.length >= iterations || steady >= wanted || sum > (steady > 0 ? most : PATIENCE * most);
}
