import { cpSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadEngine, type Log } from '@dualprior/core';
import { experimentsFolder } from '../store/places.ts';
import { bytes, seconds } from '../rehearsal/figures.ts';
import { stateFile } from '../store/training-state.ts';
import { runDirectory, store, type Command } from './kills/command.ts';
import { computedBy, differences, evaluated } from './kills/computed.ts';
import { RunError } from './kills/interrupted-run.ts';
import { smallPaper, type SmallPaper } from './paper/small-paper.ts';
import { EVALUATION, stageOf, watchedRun, type Spent } from './paper/watched-run.ts';
import type { Soak, SoakFailure, SoakResult } from './soak.ts';

/** What was measured of a stage, or of the evaluation. */
interface PaperPart extends Spent {
  readonly name: string;
  /** Bytes of what is saved to continue from; undefined for the evaluation. */
  readonly state?: number;
  /** Names of what the killed run computed otherwise; empty: nothing. */
  readonly different: readonly string[];
}

export interface PaperResult extends SoakResult {
  readonly parts: readonly PaperPart[];
}

/** The paper's experiment at its own size, which needs hours on a processor: it trains, saves, is killed in every stage, resumes and evaluates. */
export const paper: Soak = paperOf(join(experimentsFolder(), 'paper.yaml'));

export function paperOf(source: string): Soak {
  return {
    name: 'paper',
    description:
      'paper.yaml at full size, two iterations per stage, killed in every stage: same results as an undisturbed run',
    parts: 'stages, with those that they build on',
    async run({ parts, random, folder, log, signal }): Promise<PaperResult> {
      const [undisturbed, killed] = ['undisturbed', 'killed'].map((name) => join(folder, name)) as [string, string];
      loadEngine('cpu');
      log.info('Writes the experiment, and weights of losses and metrics.');
      const small = await smallPaper(source, folder, { parts, seed: random.seed }, log);
      const tested = parts.length === 0 ? small.stages : small.stages.filter((name) => parts.includes(name));
      try {
        const found = await compareRuns({ small, tested, undisturbed, killed }, log, signal);
        if (found.failures.length === 0) rmSync(folder, { recursive: true });
        return found;
      } catch (error) {
        if (signal.aborted) {
          rmSync(folder, { recursive: true });
          return { counts: {}, failures: [], parts: [] };
        }
        if (!(error instanceof RunError)) throw error;
        return { counts: {}, failures: [{ message: error.message, reproduction: small.file }], parts: [] };
      }
    },
  };
}

interface Runs {
  readonly small: SmallPaper;
  /** The stages in which the second run is killed. */
  readonly tested: readonly string[];
  /** Folders of the two runs. */
  readonly undisturbed: string;
  readonly killed: string;
}

async function compareRuns({ small, tested, ...folders }: Runs, log: Log, signal: AbortSignal): Promise<PaperResult> {
  const told = (line: string) => log.info(`    ${line}`);
  const command = (folder: string): Command => ({ file: small.file, folder, settings: [] });
  const watch = { stages: small.stages, signal, told };
  const [undisturbed, killed] = [command(folders.undisturbed), command(folders.killed)];
  log.info('An undisturbed run:');
  const spent = await watchedRun(undisturbed, watch);
  for (const name of small.stages.filter((stage) => !tested.includes(stage))) {
    const hash = small.experiment.identity('stages', name);
    mkdirSync(store(killed), { recursive: true });
    cpSync(join(store(undisturbed), hash), join(store(killed), hash), { recursive: true });
  }
  for (const killIn of tested) {
    log.info(`A run that is killed after the first iteration of ${killIn}:`);
    await watchedRun(killed, { ...watch, killIn });
  }
  log.info('The same run to its end:');
  await watchedRun(killed, watch);

  const parts: PaperPart[] = [];
  for (const name of [...tested, EVALUATION]) {
    const part = comparePart(name, undisturbed, killed, spent);
    parts.push(part);
    log.info(describePart(part));
  }
  const failures = parts
    .filter(({ different }) => different.length > 0)
    .map(({ name, different }): SoakFailure => ({
      message: `${name}: ${different.join(', ')} differ`,
      reproduction: folders.killed,
    }));
  return { counts: { 'bit-identical': parts.length - failures.length }, failures, parts };
}

function comparePart(
  name: string,
  undisturbed: Command,
  killed: Command,
  spent: ReadonlyMap<string, Spent>,
): PaperPart {
  const computed = (run: Command) =>
    name === EVALUATION ? evaluated(runDirectory(run)) : computedBy(stageOf(run, name).path);
  const different = differences(computed(undisturbed), computed(killed));
  const { seconds, peakBytes } = spent.get(name) ?? { seconds: 0, peakBytes: 0 };
  const state = name === EVALUATION ? undefined : statSync(stateFile(stageOf(undisturbed, name).path)).size;
  return { name, seconds, peakBytes, different, ...(state !== undefined && { state }) };
}

function describePart({ name, seconds: time, peakBytes, state, different }: PaperPart): string {
  const resumed =
    different.length === 0 ? 'bit-identical after the kill' : `different after the kill: ${different.join(', ')}`;
  const parts = [
    `${name}: ${seconds(time)}`,
    `${bytes(peakBytes)} of memory`,
    state && `state of ${bytes(state)}`,
    resumed,
  ];
  return parts.filter(Boolean).join(' · ');
}
