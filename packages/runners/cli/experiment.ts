import { Option } from 'commander';
import { Container, loadExperiment, loadSweep, UserError, type Sweep } from '@dualprior/core';
import '../index.ts';
import { Console } from '../console/console.ts';
import { toText } from '../evaluation/table.ts';
import { checkPublished } from '../checks/check-published.ts';
import { checkComponents } from '../checks/preflight.ts';
import { describeForecast, describeOutcome, toJson, toPlan } from './experiment-text.ts';
import { comparisonText } from '../compare/tables.ts';
import { runExperiment } from '../experiment/run.ts';
import { trainOnly } from '../experiment/train-only.ts';
import { launchers, type Launcher } from '../launchers/launcher.ts';
import { LocalLauncher } from '../launchers/local.ts';
import { runSweep } from '../sweep/run-sweep.ts';
import { launcherSetting } from './launcher-flag.ts';
import { dryRun } from '../rehearsal/dry-run.ts';
import { forecast } from '../rehearsal/forecast.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';
import { interruptible } from './interruptible.ts';

interface Flags {
  set: string[];
  sweep: string[];
  only?: string;
  stage?: string;
  launcher?: string;
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
  .option(
    '--sweep <path=values>',
    'try these values, e.g. networks.nafnet.width=16,32 (repeatable: all combinations)',
    collect,
    [],
  )
  .option('--only <name>', 'of an experiment with seeds or a sweep, run only the one of this name')
  .option('--stage <name>', 'train only this stage and what it stands on')
  .option('--launcher <type>', 'where the stages of a sweep are trained, e.g. local:processes=2')
  .option('--validate', 'check the file and stop')
  .option(
    '--plan',
    'print what would be trained, resumed and reused, with time and memory measured in a few steps, and stop',
  )
  .option('--dry-run', 'run one step of every stage and a few test images of every method, and stop; needs no data')
  .option(
    '--run-dir <dir>',
    'where the run goes (default: runs/NAME-HASH of the checkout); of a sweep, the folder of its runs',
  )
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

async function main(file: string, flags: Flags): Promise<number | void> {
  const console = new Console();
  const { set, device } = flags;
  const other = (['validate', 'plan', 'dryRun'] as const).find((name) => flags[name]);
  if (other && flags.retrain.length > 0) {
    throw new UserError(
      `--retrain is for a run, not for ${{ validate: '--validate', plan: '--plan', dryRun: '--dry-run' }[other]}.`,
    );
  }
  const from = { set: [...set, ...launcherSetting(flags.launcher)], sweep: flags.sweep, only: flags.only };
  const path = fromUser(file);
  if (flags.dryRun) {
    const result = await dryRun(path, { ...from, device, console, signal: interruptible(console) });
    return print(flags, result, 'The dry run found nothing wrong.');
  }
  if (flags.plan) {
    const found = await forecast(path, { ...from, device, console, signal: interruptible(console) });
    return print(flags, toPlan(found), describeForecast(found));
  }
  const sweep = flags.only === undefined ? loadSweep(path, from) : undefined;
  if (sweep && sweep.variants.length > 1 && flags.stage === undefined) return sweepAll(file, sweep, flags, console);
  const experiment = sweep?.base ?? loadExperiment(path, from);
  checkPublished([experiment]);
  checkComponents(experiment, console);
  if (flags.validate)
    return print(flags, { valid: true, name: experiment.name, hash: experiment.hash }, `${file} is valid.`);
  const { wait, retrain } = flags;
  const options = { device, console, signal: interruptible(console), wait, retrain };
  if (flags.stage !== undefined) {
    const stages = await trainOnly(experiment, flags.stage, options);
    return print(flags, { stages }, `Stage ${flags.stage} is trained.`);
  }
  const runDir = flags.runDir && fromUser(flags.runDir);
  const outcome = await runExperiment(experiment, { ...options, runDir, serve: flags.serve });
  const lines = [...(outcome.results ? ['', toText(outcome.results), ''] : []), ...describeOutcome(outcome)];
  print(flags, toJson(outcome), lines.join('\n'));
}

/** Runs all experiments of a file. Exit code 1 where one of them failed. */
async function sweepAll(file: string, sweep: Sweep, flags: Flags, console: Console): Promise<number> {
  checkPublished(sweep.variants.map(({ experiment }) => experiment));
  const [first] = sweep.seeds; // what is checked is the same for all seeds
  for (const { experiment } of sweep.variants) if (experiment.seed === first) checkComponents(experiment, console);
  if (flags.validate) {
    const variants = sweep.variants.map(({ name, changes, experiment }) => {
      const { name: run, hash, seed } = experiment;
      return { variant: name, changes, seed, name: run, hash };
    });
    print(flags, { valid: true, variants }, `${file} is valid, with ${variants.length} experiments.`);
    return 0;
  }
  if (flags.serve) throw new UserError('--serve is for one run. Start the server first: `yarn mlflow --background`.');
  const { launcher: chosen } = sweep.base.config;
  const launcher = chosen
    ? new Container(sweep.base).create<Launcher>(launchers.name, chosen)
    : new LocalLauncher({ processes: 1 });
  const outcome = await runSweep(sweep, {
    launcher,
    parameters: [fromUser(file), ...commonFlags(flags)],
    runs: flags.runDir && fromUser(flags.runDir),
    console,
    signal: interruptible(console),
  });
  const { comparison: compared, variants } = outcome;
  const text = [
    ...(compared ? [comparisonText(compared), ''] : []),
    ...variants.map(({ variant, seed, runDir, error }) => {
      const label = `${variant || 'base'}${sweep.seeds.length > 1 ? `, seed ${seed}` : ''}`;
      return `${label}: ${runDir ?? `failed: ${error}`}`;
    }),
  ];
  const comparison = compared ? { rows: compared.rows, notes: compared.notes } : null;
  print(flags, { ...outcome, comparison }, text.join('\n'));
  return variants.some(({ error }) => error !== null) ? 1 : 0;
}

/** What each experiment of a sweep is given again. */
function commonFlags({ set, sweep, device, wait, retrain }: Flags): string[] {
  return [
    ...set.flatMap((value) => ['--set', value]),
    ...sweep.flatMap((value) => ['--sweep', value]),
    ...retrain.flatMap((value) => ['--retrain', value]),
    ...(device === undefined ? [] : ['--device', device]),
    ...(wait ? [] : ['--no-wait']),
  ];
}

function print(flags: Flags, json: unknown, text: string): void {
  process.stdout.write(`${flags.json ? JSON.stringify(json) : text}\n`);
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
