import { join } from 'node:path';
import { INSTALLATION, loadExperiment } from '@dualprior/core';
import { InvalidArgumentError, type Command } from 'commander';
import { coresFor, dataText } from '../bench/data/text.ts';
import { timeData } from '../bench/data/time-data.ts';
import { importPlugins } from '../plugins/import-plugins.ts';
import { collect, fromUser, runCommand } from './command.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags {
  set: string[];
  stage?: string;
  batch?: number;
  images: number;
  step: number;
  json?: boolean;
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** Adds `bench data [FILE]`. */
export function addDataCommand(program: Command): void {
  program
    .command('data')
    .description(
      "Times the preparation of an experiment's training images, part by part, and shows how many cores a step needs.",
    )
    .argument('[file]', 'the experiment', 'experiments/quickstart.yaml')
    .option('--set <key=value>', 'override one value of it (repeatable)', collect, [])
    .option('--stage <name>', 'only the images of this stage (default: all)')
    .option('--batch <n>', 'images per step (default: that of the stage)', wholeNumber(1, 4096))
    .option('--images <n>', 'how many images are timed', wholeNumber(1, 100_000), 32)
    .option('--step <time>', 'how long a training step takes, e.g. 250ms or 1.5s', milliseconds, 250)
    .option('--json', 'print one JSON document on standard output')
    .action((file: string, flags: Flags) => runCommand(() => main(file, flags)));
}

async function main(file: string, { set, stage, batch, images, step, json }: Flags): Promise<void> {
  const path = file === 'experiments/quickstart.yaml' ? join(INSTALLATION, file) : fromUser(file);
  await importPlugins(path, { set });
  const experiment = loadExperiment(path, { set });
  const timed = await timeData(experiment, { stage, images, log: { info: log, warn: log } });
  const benches = timed.map((bench) => ({ ...bench, batch: batch ?? bench.batch }));
  const shown = benches.map((bench) => ({ ...bench, stepMs: step, cores: coresFor(bench, step) }));
  const text = benches.map((bench) => dataText(bench, step)).join('\n\n');
  process.stdout.write(`${json ? JSON.stringify({ benches: shown }) : text}\n`);
}

/** `250ms`, `1.5s`, `250` (ms). */
function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? [];
  const value = Number(number) * (unit === 's' ? 1000 : 1);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a time such as 250ms or 1.5s.');
}
