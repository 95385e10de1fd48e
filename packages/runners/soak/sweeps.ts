import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stream } from '@dualprior/core';
import { experimentsFolder } from '../store/places.ts';
import { runDirectory, start, store, type Command } from './kills/command.ts';
import { computedBy, differences, evaluated } from './kills/computed.ts';
import { RunError, wholeRun } from './kills/interrupted-run.ts';
import type { Soak, SoakFailure } from './soak.ts';

/** Three variants with two seeds each, of all methods of table 1. */
const SWEEP = [
  `extends: ${join(experimentsFolder(), 'table1-smoke.yaml')}`,
  'name: sweep',
  'seeds: [0, 1]',
  'sweep:',
  '  variants:',
  '    wider-fusion: { networks.fusion.width: 12 }',
  '    no-adversarial: { stages.invert.loss.terms.1.weight: 0 }',
  '',
].join('\n');
/**
 * Of its stages: the prior once, with the first seed; nafnet, hinet, gfpgan and gpen once a seed; invert twice, as one variant has another loss; fuse three
 * times.
 */
const STAGES = 1 + 2 * (4 + 2 + 3);
const RUNS = 6;

const FLAGS = ['--launcher', 'local:processes=2,threads=1'];

/** ms in which what was left alone has saved its state and ended. */
const PATIENCE = 120_000;
const LOOK = 50;

/** Sweeps by two processes side by side, killed at random moments and started again: they compute what an undisturbed one does, each stage once. */
export const sweeps: Soak = {
  name: 'sweeps',
  description: 'a sweep in two processes, killed at random moments: same results as an undisturbed one',
  count: 5,
  async run(options) {
    const { folder, count, signal } = options;
    const file = join(folder, 'sweep.yaml');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, SWEEP);
    const command = (name: string): Command => ({
      file,
      folder: join(folder, name),
      settings: ['tracking=null'],
      flags: FLAGS,
    });
    const [whole, killed] = [command('undisturbed'), command('killed')];
    const failures: SoakFailure[] = [];
    const fail = (message: string) => failures.push({ message, reproduction: folder });
    const counts: Record<string, number> = {};
    const moments: unknown[] = [];
    try {
      const began = Date.now();
      await wholeRun(whole, signal);
      const pauses = pausesOf(options.random.stream('sweeps'), count, Date.now() - began);
      for (const [i, pause] of pauses.entries()) {
        const alone = i % 2 === 1;
        moments.push({ ms: pause, alone });
        const outcome = await killAfter(pause, alone, killed, signal);
        counts[outcome] = (counts[outcome] ?? 0) + 1;
        options.progress(i + 1);
      }
      await wholeRun(killed, signal);
      for (const message of faultsOf(whole, killed)) fail(message);
    } catch (error) {
      if (error instanceof RunError) fail(error.message);
      else if (!signal.aborted) throw error;
    }
    if (failures.length === 0) rmSync(folder, { recursive: true });
    else writeFileSync(join(folder, 'kills.json'), `${JSON.stringify(moments)}\n`);
    return { counts, failures };
  },
};

/** ms of which each start lives: together as long as an undisturbed one. */
function pausesOf(stream: Stream, count: number, whole: number): number[] {
  const moments = Array.from({ length: count }, () => Math.round(stream.uniform(0, whole))).sort((a, b) => a - b);
  return moments.map((moment, i) => moment - (moments[i - 1] ?? 0));
}

/** Kills the launcher after a time, with all that it started or alone. Errors: as of `wholeRun`; what it started stays alive. */
async function killAfter(ms: number, alone: boolean, command: Command, signal: AbortSignal): Promise<string> {
  const run = start(command);
  signal.addEventListener('abort', run.kill);
  const end = await Promise.race([run.ended, sleep(ms, undefined, { signal })]);
  if (end && end.code !== 0) throw new RunError(`exit code ${end.code}: ${end.error.trim()}`);
  if (alone) run.killAlone();
  else run.kill();
  await run.ended;
  for (const until = Date.now() + PATIENCE; run.isAlive(); await sleep(LOOK)) {
    if (Date.now() < until) continue;
    run.kill();
    throw new RunError('what a killed launcher had started was still there after two minutes');
  }
  signal.removeEventListener('abort', run.kill);
  signal.throwIfAborted();
  if (end) return 'ended before';
  return alone ? 'killed alone' : 'killed with all that it started';
}

function faultsOf(whole: Command, killed: Command): string[] {
  const [expected, found] = [computed(whole), computed(killed)];
  const different = differences(found, expected);
  const [stages, runs] = [foldersOf(store(killed), 'stage.json'), foldersOf(runDirectory(killed), 'results.csv')];
  return [
    ...(different.length > 0 ? [`${different.join(', ')} differ from the undisturbed ones`] : []),
    ...(stages.length === STAGES ? [] : [`${stages.length} stages were trained, not ${STAGES}`]),
    ...(runs.length === RUNS ? [] : [`there are ${runs.length} results, not ${RUNS}`]),
  ];
}

/** What all stages and runs of a sweep have computed. */
function computed(command: Command): Map<string, string> {
  const below = (root: string, mark: string, of: (folder: string) => ReadonlyMap<string, string>) =>
    foldersOf(root, mark).flatMap((name) =>
      [...of(join(root, name))].map(([what, value]) => [`${name}/${what}`, value] as const),
    );
  return new Map([
    ...below(store(command), 'stage.json', computedBy),
    ...below(runDirectory(command), 'results.csv', evaluated),
  ]);
}

function foldersOf(root: string, mark: string): string[] {
  return readdirSync(root).filter((name) => existsSync(join(root, name, mark)));
}
