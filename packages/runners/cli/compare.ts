import { Option } from 'commander';
import { counted } from '@dualprior/core';
import { compareRuns } from '../compare/compare-runs.ts';
import { readRuns, type ComparedRun } from '../compare/read-run.ts';
import { comparisonText, FORMATS, type Format } from '../compare/tables.ts';
import { writePage } from '../compare/write-page.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  format: Format;
  html?: string;
  json?: boolean;
}

const program = newCommand('compare')
  .description(
    'Compares runs: differences of configurations, mean and deviation over seeds, paired differences on the same images.',
  )
  .argument(
    '<runs...>',
    "run directories, or a sweep's folder for all its runs; the others are compared with the first one",
  )
  .addOption(new Option('--format <format>', 'of the tables').choices(FORMATS).default('text'))
  .option('--html <file>', 'also write a page with the tables, images with a slider, and common charts of curves')
  .option('--json', 'print one JSON document on standard output')
  .action((runs: string[], flags: Flags) => runCommand(() => print(runs, flags)));

await parse(program);

async function print(paths: readonly string[], { format, json, html }: Flags): Promise<void> {
  const runs = readRuns(paths.map(fromUser));
  const comparison = compareRuns(runs);
  const page = html === undefined ? undefined : await writePage(comparison, titleOf(runs), fromUser(html));
  const { variants, columns, rows, notes } = comparison;
  const named = variants.map(({ name, options, runs: own }) => ({
    name,
    options: Object.fromEntries(options),
    runs: own.map(({ path, seed }) => ({ path, seed })),
  }));
  if (json) {
    const document = { variants: named, columns: columns.map(({ name }) => name), rows, notes, page: page ?? null };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  } else {
    const folders = named.flatMap(({ name, runs: own }) =>
      own.map(({ path, seed }) => `${name}, seed ${seed}: ${path}`),
    );
    const lines = format === 'text' ? ['', ...folders] : [];
    process.stdout.write(`${[comparisonText(comparison, format), ...lines].join('\n')}\n`);
  }
  if (page !== undefined) process.stderr.write(`Page  ${page}\n`);
}

function titleOf([first, ...others]: readonly ComparedRun[]): string {
  return others.length === 0 ? first!.name : `${first!.name} and ${counted(others.length, 'other')}`;
}
