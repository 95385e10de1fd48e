import { Option } from 'commander';
import { compareRuns } from '../compare/compare-runs.ts';
import { readRun } from '../compare/read-run.ts';
import { comparisonText, FORMATS, type Format } from '../compare/tables.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  format: Format;
  json?: boolean;
}

const program = newCommand('compare')
  .description(
    'Puts runs beside each other: what differs, mean and deviation over seeds, paired differences on the same images.',
  )
  .argument('<runs...>', 'run directories; the first one is what the others are compared with')
  .addOption(new Option('--format <format>', 'of the tables').choices(FORMATS).default('text'))
  .option('--json', 'print one JSON document on standard output')
  .action((runs: string[], flags: Flags) => runCommand(async () => print(runs, flags)));

await parse(program);

function print(paths: readonly string[], { format, json }: Flags): void {
  const comparison = compareRuns(paths.map((path) => readRun(fromUser(path))));
  const { variants, columns, rows, notes } = comparison;
  const named = variants.map(({ name, options, runs }) => ({
    name,
    options: Object.fromEntries(options),
    runs: runs.map(({ path, seed }) => ({ path, seed })),
  }));
  const text = json
    ? JSON.stringify({ variants: named, columns: columns.map(({ name }) => name), rows, notes })
    : comparisonText(comparison, format);
  process.stdout.write(`${text}\n`);
}
