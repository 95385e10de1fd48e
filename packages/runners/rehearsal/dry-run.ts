import { loadEngine, UserError, type Experiment } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { checkComponents } from '../experiment/preflight.ts';
import { bytes, millions, shape, seconds } from './figures.ts';
import { rehearsalContainer } from './rehearsal-container.ts';
import { rehearseEvaluation, type RehearsedMethod } from './rehearse-evaluation.ts';
import { rehearseStage, type RehearsedStage } from './rehearse-stage.ts';
import { loadRehearsal } from './stand-ins.ts';

export interface DryRun {
  readonly name: string;
  readonly standIns: readonly string[];
  readonly stages: readonly RehearsedStage[];
  readonly methods: readonly RehearsedMethod[];
}

export interface DryRunOptions {
  readonly set: readonly string[];
  readonly device?: 'auto' | 'cpu' | 'gpu' | undefined;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** Test images that every method restores. */
const IMAGES = 2;

/**
 * One step of every stage, on one image, and a few test images by every method: the whole path of an experiment without its length. Nothing
 * is tracked and nothing is left on the disk. What is missing has stand-ins. Errors: what does not work, all stages and methods looked at.
 */
export async function dryRun(file: string, { set, device, console, signal }: DryRunOptions): Promise<DryRun> {
  const { experiment, standIns, end } = loadRehearsal(file, set, oneImage);
  try {
    checkComponents(experiment, console);
    const engine = loadEngine(device ?? experiment.config.runtime.device);
    console.heading(`${experiment.name} · dry run · ${engine.describe()}`);
    for (const line of standIns) console.info(`  ${line}`);
    return { name: experiment.name, standIns: [...standIns], ...(await rehearse(experiment, console, signal)) };
  } finally {
    end();
  }
}

async function rehearse(
  experiment: Experiment,
  console: Console,
  signal: AbortSignal,
): Promise<Pick<DryRun, 'stages' | 'methods'>> {
  const { container, release } = rehearsalContainer(experiment, console);
  const problems: string[] = [];
  const attempt = async <T>(what: string, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(what);
      console.warn(`${what}: ${error.message}`);
      return undefined;
    } finally {
      release();
    }
  };

  const stages: RehearsedStage[] = [];
  for (const name of experiment.entries('stages').keys()) {
    const run = () => rehearseStage(name, { experiment, container, signal }, { iterations: 1, seconds: Infinity });
    const stage = await attempt(`stage ${name}`, run);
    if (!stage) continue;
    stages.push(stage);
    const [head, ...lines] = describeStage(stage);
    console.heading(head!);
    for (const line of lines) console.info(`  ${line}`);
  }
  const methods = await attempt('evaluation', () => rehearseEvaluation(experiment, container, IMAGES, release));
  for (const method of methods ?? []) console.info(describeMethod(method));
  if (problems.length > 0) {
    throw new UserError(`The dry run stopped at ${problems.join(', ')}; the lines above say why.`);
  }
  return { stages, methods: methods ?? [] };
}

function oneImage(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, { batch }]) =>
    batch ? [`stages.${name}.batch.size=1`] : [],
  );
}

function describeStage({
  name,
  networks,
  batch,
  seconds: times,
  peakBytes,
  withoutGradient,
}: RehearsedStage): string[] {
  const trained = networks.map(
    ({ reference, parameters }) => `trains ${reference}, ${millions(parameters)} parameters`,
  );
  return [
    `Stage ${name} · ${trained.join(' · ')}`,
    `one step on ${shape(batch)} in ${seconds(times[0]!)}, at most ${bytes(peakBytes)} of memory`,
    withoutGradient.length === 0
      ? 'every parameter has a gradient'
      : `no loss depends on ${withoutGradient.length} parameters: ${listed(withoutGradient)}`,
  ];
}

const MOST_LISTED = 12;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return names.slice(0, MOST_LISTED).join(', ') + (more > 0 ? `, and ${more} more` : '');
}

function describeMethod({
  name,
  parameters,
  input,
  output,
  seconds: time,
  peakBytes,
  columns,
}: RehearsedMethod): string {
  const measured = columns.length > 0 ? ` · measured ${columns.join(', ')}` : '';
  return (
    `Method ${name} · ${millions(parameters)} parameters · ${shape(input)} to ${shape(output)} in ${seconds(time)}, ` +
    `at most ${bytes(peakBytes)} of memory${measured}`
  );
}
