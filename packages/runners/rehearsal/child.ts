import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { ProgressView } from '../console/progress.ts';
import { catalogue, loadEngine, UserError, peakMemory } from '@dualprior/core';
import '../catalogue.ts';
import type { Console } from '../console/console.ts';
import { importPlugins } from '../plugins/import-plugins.ts';
import { rehearsalContainer } from './rehearsal-container.ts';
import { rehearseEvaluation } from './rehearse-evaluation.ts';
import { rehearseStage } from './rehearse-stage.ts';
import { loadRehearsal } from './stand-ins.ts';
import type { RehearsalMessage, RehearsalTask } from './task.ts';

// A process that rehearses one stage, or the evaluation, so that its peak memory is that of this alone, and so that the system ends it and
// nothing else where memory does not suffice. The first line of standard input is its task; what it says on standard output is in task.ts.

const say = (message: RehearsalMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
const nothing: ProgressView = { update: () => {}, stop: () => {} };
const console = {
  info: (line: string) => say({ type: 'info', line }),
  heading: (line: string) => say({ type: 'info', line }),
  warn: (line: string) => say({ type: 'warn', line }),
  progress: () => nothing,
} as unknown as Console;

const input = createInterface({ input: process.stdin });
const asked = once(input, 'line');
input.on('close', () => process.exit()); // who asked has ended
offerToEndFirst();

try {
  const { file, device, components, part, ...from } = JSON.parse(String((await asked)[0])) as RehearsalTask;
  await importPlugins(file, from);
  for (const declared of components) if (!catalogue.files().has(declared)) await import(pathToFileURL(declared).href);
  const { experiment, standIns } = loadRehearsal(file, from);
  const { runtime } = experiment.config;
  loadEngine(device ?? runtime.device, runtime.threads);
  const { container, release } = rehearsalContainer(experiment, console);
  const value =
    'stage' in part
      ? await rehearseStage(part.stage, { experiment, container, console }, part.limits)
      : await rehearseEvaluation(experiment, container, part.images, release);
  for (const line of standIns) say({ type: 'stand-in', line });
  say({ type: 'result', value, peakBytes: peakMemory() });
} catch (error) {
  const isUsers = error instanceof UserError;
  say({ type: 'error', message: isUsers ? error.message : String((error as Error).stack ?? error), isUsers });
}
process.stdout.write('', () => process.exit());

/** The system ends the process with the highest number first when memory runs out. */
function offerToEndFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // There is no such file, or it may not be written: memory is watched from outside too.
  }
}
