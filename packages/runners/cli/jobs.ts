import { existsSync, readFileSync } from 'node:fs';
import { counted } from '@dualprior/core';
import { cancelAll, jobsNamed, overview, type JobOverview } from '../launchers/slurm/overview.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  cancel?: boolean;
  logs?: string;
  json?: boolean;
}

const program = newCommand('jobs')
  .description('Shows the Slurm jobs of a run or a sweep: their state, logs, and why some failed.')
  .argument('<run>', 'folder of the run or sweep, printed when its jobs were submitted')
  .option('--cancel', 'cancel waiting and running jobs; the same command submits them again')
  .option('--logs <stage>', 'print the logs of a stage, or of one job by its name in the list')
  .option('--json', 'print one JSON document on standard output')
  .action((run: string, flags: Flags) => runCommand(() => main(fromUser(run), flags)));

await parse(program);

async function main(run: string, { cancel, logs, json }: Flags): Promise<void> {
  const print = (document: unknown, text: string) =>
    process.stdout.write(`${json ? JSON.stringify(document) : text.trimEnd()}\n`);
  if (cancel) {
    const cancelled = await cancelAll(run);
    return void print({ cancelled }, `${counted(cancelled, 'job')} cancelled. What they saved stays.`);
  }
  let lost: string | null = null;
  const jobs = await overview(run, (said) => (lost = said));
  if (lost !== null) process.stderr.write(`Slurm's controller (slurmctld) does not answer: ${lost as string}\n`);
  if (logs === undefined) return void print({ folder: run, lost, jobs }, toText(jobs));
  const texts = jobsNamed(logs, jobs).map(({ label, log }) => {
    return { label, log, text: existsSync(log) ? readFileSync(log, 'utf8') : '' };
  });
  print(texts, texts.map(({ label, log, text }) => `== ${label} (${log})\n${text.trimEnd()}\n`).join('\n'));
}

/** A line a job, and its log below it where it failed. */
function toText(jobs: readonly JobOverview[]): string {
  const count = (state: string) => jobs.filter((job) => job.state === state).length;
  const states = ['done', 'running', 'waiting', 'failed', 'unknown'].filter((state) => count(state) > 0);
  const width = Math.max(...jobs.map(({ label }) => label.length));
  const lines = jobs.map(({ label, job, state, about, log }) => {
    const line = [label.padEnd(width), (job ?? '-').padEnd(8), state.padEnd(7), about].join('  ').trimEnd();
    return state === 'failed' ? `${line}\n${' '.repeat(width + 2)}${log}` : line;
  });
  return [...lines, states.map((state) => `${count(state)} ${state}`).join(', ')].join('\n');
}
