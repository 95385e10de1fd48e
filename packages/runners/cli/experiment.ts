import { Option } from 'commander';
import { Container, loadExperiment, loadSweep, UserError, type Sweep } from '@dualprior/core';
import '../catalogue.ts';
import { Console } from '../console/console.ts';
import { toText } from '../evaluation/table.ts';
import { checkVariants } from '../checks/check-variants.ts';
import { checkPublished } from '../checks/check-published.ts';
import { checkComponents } from '../checks/preflight.ts';
import {
  claimLines,
  describeForecast,
  describeOutcome,
  describeTracked,
  toJson,
  toPlan,
  trackingToJson,
} from './experiment-text.ts';
import { comparisonText } from '../compare/tables.ts';
import { runExperiment } from '../experiment/run.ts';
import { Tracking } from '../experiment/tracking.ts';
import { trainOnly } from '../experiment/train-only.ts';
import { importPlugins } from '../plugins/import-plugins.ts';
import type { Launcher } from '../launchers/launcher.ts';
import { launcherOf } from '../launchers/launcher-of.ts';
import { runSweep } from '../sweep/run-sweep.ts';
import { describeSweepForecast, toSweepPlan } from './sweep-plan-text.ts';
import { launcherSetting } from './launcher-flag.ts';
import { dryRun } from '../rehearsal/dry-run.ts';
import { forecast } from '../rehearsal/forecast.ts';
import { forecastSweep } from '../rehearsal/forecast-sweep.ts';
import { collect, fromUser, newCommand, parse, runCommand } from './command.ts';
import { fromHydra } from './hydra.ts';
import { interruptible } from './interruptible.ts';

interface Flags {
  set: string[];
  sweep: string[];
  only?: string;
  stage?: string;
  partOf?: string;
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
    'try several values, e.g. networks.nafnet.width=16,32 (repeatable: all combinations)',
    collect,
    [],
  )
  .option('--only <name>', 'with seeds or a sweep, run only the experiment of this name')
  .option('--stage <name>', 'train only this stage and the stages that it depends on')
  .option('--launcher <type>', 'where the stages of a sweep are trained, e.g. local:processes=2')
  .option('--validate', 'check the file and stop')
  .addOption(
    new Option(
      '--plan',
      'print what would be trained, resumed and reused, with estimates of time and memory, and stop',
    ).conflicts('validate'),
  )
  .addOption(
    new Option(
      '--dry-run',
      'run one step of every stage and a few test images of every method, and stop; needs no data',
    ).conflicts(['validate', 'plan']),
  )
  .option(
    '--run-dir <dir>',
    'run directory (default: NAME-HASH in runs/ of the checkout; for a file elsewhere, in DUALPRIOR_HOME or in runs/ beside it); for a sweep, the folder of its runs',
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
    'train a stage and everything that depends on it again, after its code was edited (repeatable)',
    collect,
    [],
  )
  .addOption(new Option('--part-of <dir>', 'the directory of the sweep that started this run').hideHelp())
  .option('--no-wait', 'stop if another process is training a stage that this run needs, instead of waiting for it')
  .option('--json', 'print one JSON document on standard output, everything else on standard error')
  .action((file: string, flags: Flags) => runCommand(() => main(file, flags)));

await parse(program, () => fromHydra(program, process.argv.slice(2)));

async function main(file: string, flags: Flags): Promise<number | void> {
  const console = new Console();
  const { set, device } = flags;
  const other = (['validate', 'plan', 'dryRun'] as const).find((name) => flags[name]);
  if (other && flags.retrain.length > 0) {
    throw new UserError(
      `--retrain is for a run, not for ${{ validate: '--validate', plan: '--plan', dryRun: '--dry-run' }[other]}.`,
    );
  }
  if (flags.launcher !== undefined && (flags.only ?? flags.stage) !== undefined) {
    throw new UserError(
      '--launcher applies to the whole file, but with --only or --stage everything runs in this process. Leave one of them out.',
    );
  }
  const from = { set: [...set, ...launcherSetting(flags.launcher)], sweep: flags.sweep, only: flags.only };
  const path = fromUser(file);
  await importPlugins(path, from);
  if (flags.dryRun) {
    const result = await dryRun(path, { ...from, device, console, signal: interruptible(console) });
    return print(flags, result, 'The dry run found nothing wrong.');
  }
  if (flags.plan) {
    const options = { ...from, device, console, signal: interruptible(console) };
    const all = flags.only === undefined ? await forecastSweep(path, options) : undefined;
    if (all) return print(flags, toSweepPlan(all), describeSweepForecast(all));
    const found = await forecast(path, options);
    return print(flags, toPlan(found), describeForecast(found));
  }
  const sweep = flags.only === undefined ? loadSweep(path, from) : undefined;
  const launcher = sweep && launcherOf(sweep.base);
  const isLaunched = launcher && launcher.processes > 1 && !flags.validate;
  if (sweep && launcher && flags.stage === undefined && (isLaunched || sweep.variants.length > 1)) {
    return launchAll(file, sweep, launcher, flags, console);
  }
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
  const outcome = await runExperiment(experiment, { ...options, runDir, serve: flags.serve, partOf: flags.partOf });
  const lines = [...(outcome.results ? ['', toText(outcome.results), ''] : []), ...describeOutcome(outcome)];
  print(flags, toJson(outcome), lines.join('\n'));
}

/** Has a launcher run all experiments of a file. Exit code 1 where one of them failed. */
async function launchAll(
  file: string,
  sweep: Sweep,
  launcher: Launcher,
  flags: Flags,
  console: Console,
): Promise<number> {
  checkPublished(sweep.variants.map(({ experiment }) => experiment));
  checkVariants(sweep, console, checkComponents);
  if (flags.validate) {
    const variants = sweep.variants.map(({ name, changes, experiment }) => {
      const { name: run, hash, seed } = experiment;
      return { variant: name, changes, seed, name: run, hash };
    });
    const names = variants.map(({ name }) => `  ${name}`);
    print(
      flags,
      { valid: true, variants },
      [`${file} is valid, with ${names.length} experiments:`, ...names].join('\n'),
    );
    return 0;
  }
  if (flags.serve) await new Tracking(sweep.base, new Container(sweep.base), console).serve();
  const outcome = await runSweep(sweep, {
    launcher,
    parameters: [fromUser(file), ...commonFlags(flags)],
    runs: flags.runDir && fromUser(flags.runDir),
    console,
    signal: interruptible(console),
  });
  const { comparison: compared, variants, overSeeds, page, tracking } = outcome;
  const text = [
    ...(compared ? [comparisonText(compared), '', ...claimLines(overSeeds, compared.columns)] : []),
    ...variants.map(({ variant, seed, runDir, error }) => {
      const label = `${variant || 'base'}${sweep.seeds.length > 1 ? `, seed ${seed}` : ''}`;
      return `${label}: ${runDir ?? `failed: ${error}`}`;
    }),
    ...(page === null ? [] : [`Page  ${page}`]),
    ...tracking.map((tracked) => `${tracked.name}: ${describeTracked(tracked)}`),
  ];
  const comparison = compared ? { rows: compared.rows, notes: compared.notes } : null;
  print(flags, { ...outcome, tracking: trackingToJson(tracking), comparison }, text.join('\n'));
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
