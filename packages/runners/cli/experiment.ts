import { Option } from 'commander';
import { loadExperiment, UserError } from '@dualprior/core';
import '../index.ts';
import { Console } from '../console/console.ts';
import { toText } from '../evaluation/table.ts';
import { checkComponents } from '../checks/preflight.ts';
import { describeForecast, describeOutcome, toJson, toPlan } from './experiment-text.ts';
import { runExperiment } from '../experiment/run.ts';
import { dryRun } from '../rehearsal/dry-run.ts';
import { forecast } from '../rehearsal/forecast.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';
import { interruptible } from './interruptible.ts';

interface Flags {
  set: string[];
  validate?: boolean;
  plan?: boolean;
  dryRun?: boolean;
  runDir?: string;
  device?: 'auto' | 'cpu' | 'gpu';
  serve?: boolean;
  wait: boolean;
  retrain: string[];
  json?: boolean;
}

const program = newCommand('experiment')
  .description('Trains what an experiment still needs, evaluates its methods, logs everything and prints the table.')
  .argument('<file>', 'the experiment, e.g. experiments/quickstart.yaml')
  .option('--set <key=value>', 'override one value, e.g. stages.restore.batch.size=4 (repeatable)', collect, [])
  .option('--validate', 'check the file and stop')
  .option(
    '--plan',
    'print what would be trained, resumed and reused, with time and memory measured in a few steps, and stop',
  )
  .option('--dry-run', 'run one step of every stage and a few test images of every method, and stop; needs no data')
  .option('--run-dir <dir>', 'where the run goes (default: runs/NAME-HASH of the checkout)')
  .addOption(
    new Option('--device <device>', 'where to compute (default: runtime.device of the file)').choices([
      'auto',
      'cpu',
      'gpu',
    ]),
  )
  .option('--serve', 'start the local server of the tracker first if it is not running')
  .option(
    '--retrain <stage>',
    'train a stage again, and all that stands on it, as its code was edited (repeatable)',
    collect,
    [],
  )
  .option('--no-wait', 'stop if another process is training a stage that this run needs, instead of waiting for it')
  .option('--json', 'print one JSON document on standard output, all else on standard error')
  .action((file: string, flags: Flags) => runCommand(() => main(file, flags)));

await parse(program);

async function main(file: string, flags: Flags): Promise<void> {
  const console = new Console();
  const { set, device } = flags;
  const other = (['validate', 'plan', 'dryRun'] as const).find((name) => flags[name]);
  if (other && flags.retrain.length > 0) {
    throw new UserError(
      `--retrain is for a run, not for ${{ validate: '--validate', plan: '--plan', dryRun: '--dry-run' }[other]}.`,
    );
  }
  if (flags.dryRun) {
    const result = await dryRun(fromUser(file), { set, device, console, signal: interruptible(console) });
    return print(flags, result, 'The dry run found nothing wrong.');
  }
  if (flags.plan) {
    const found = await forecast(fromUser(file), { set, device, console, signal: interruptible(console) });
    return print(flags, toPlan(found), describeForecast(found));
  }
  const experiment = loadExperiment(fromUser(file), { set });
  checkComponents(experiment, console);
  if (flags.validate)
    return print(flags, { valid: true, name: experiment.name, hash: experiment.hash }, `${file} is valid.`);
  const outcome = await runExperiment(experiment, {
    runDir: flags.runDir && fromUser(flags.runDir),
    device,
    console,
    signal: interruptible(console),
    wait: flags.wait,
    retrain: flags.retrain,
    serve: flags.serve,
  });
  const lines = [...(outcome.results ? ['', toText(outcome.results), ''] : []), ...describeOutcome(outcome)];
  print(flags, toJson(outcome), lines.join('\n'));
}

function print(flags: Flags, json: unknown, text: string): void {
  process.stdout.write(`${flags.json ? JSON.stringify(json) : text}\n`);
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
