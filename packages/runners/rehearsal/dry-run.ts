import { Container, loadEngine, LOG, UserError, type Experiment } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { withoutWeights } from '../checks/preflight.ts';
import { stages } from '../stages/stage.ts';
import { describeEvaluation, describeNetworks, describeStage, type DryRunStage } from './describe.ts';
import { inOwnProcess, type OwnProcessOptions } from './own-process.ts';
import { checkRehearsed } from './rehearsal-checks.ts';
import type { RehearsedMethod } from './rehearse-evaluation.ts';
import type { RehearsedStage } from './rehearse-stage.ts';
import { stageNetworks } from './stage-networks.ts';
import { componentFiles, loadRehearsal, type RehearsedFile } from './stand-ins.ts';
import type { RehearsalTask } from './task.ts';

interface DryRun {
  readonly name: string;
  readonly standIns: readonly string[];
  readonly stages: readonly DryRunStage[];
  readonly methods: readonly RehearsedMethod[];
}

interface DryRunOptions extends RehearsedFile {
  readonly device?: 'auto' | 'cpu' | 'gpu' | undefined;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** Test images that every method restores: the fewest that make a set. */
const IMAGES = 2;
/** A stage, or the evaluation, that takes longer is ended, in seconds. */
const BOUND = 3600;

/**
 * One step of every stage, on one image, and a few test images by every method: the whole path of an experiment without its length, each
 * part in a process of its own. Nothing is tracked and nothing is left on the disk. What is missing has stand-ins.
 * Errors: what does not work, all stages and methods looked at.
 */
export async function dryRun(
  file: string,
  { set, sweep, only, device, console, signal }: DryRunOptions,
): Promise<DryRun> {
  const rehearsed = loadRehearsal(file, { set, sweep, only });
  const { experiment, standIns, end } = rehearsed;
  try {
    checkRehearsed(rehearsed, console);
    const { runtime } = experiment.config;
    const engine = loadEngine(device ?? runtime.device, runtime.threads);
    console.heading(`${experiment.name} · dry run · ${engine.describe()}`);
    for (const line of standIns) console.info(`  ${line}`);
    const task = {
      file,
      set: [...oneImage(experiment), ...set],
      sweep,
      only,
      device,
      components: componentFiles(rehearsed),
    };
    const told: OwnProcessOptions['told'] = ({ type, line }) => {
      if (type === 'warn') console.warn(line);
      else if (type === 'info') console.info(line);
      else if (!standIns.has(line)) console.info(`  ${line}`);
      if (type === 'stand-in') standIns.add(line);
    };
    const found = await rehearse(experiment, task, console, { told, signal, seconds: BOUND });
    return { name: experiment.name, standIns: [...standIns], ...found };
  } finally {
    end();
  }
}

async function rehearse(
  experiment: Experiment,
  task: Omit<RehearsalTask, 'part'>,
  console: Console,
  options: OwnProcessOptions,
): Promise<Pick<DryRun, 'stages' | 'methods'>> {
  const untrained = withoutWeights(experiment, new Container(experiment, { services: [[LOG, console]] }), console);
  const problems: string[] = [];
  const attempt = async <T>(what: string, part: RehearsalTask['part']) => {
    try {
      return await inOwnProcess<T>({ ...task, part }, options);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(what);
      console.warn(`${what}: ${error.message}`);
      return undefined;
    }
  };

  const rehearsedStages: DryRunStage[] = [];
  for (const name of experiment.entries('stages').keys()) {
    const networks = stageNetworks(name, experiment, untrained);
    console.heading(`Stage ${name} · ${describeNetworks(networks)}`);
    const limits = { iterations: 1 };
    const rehearsed = await attempt<RehearsedStage>(`stage ${name}`, { stage: name, limits });
    if (!rehearsed) continue;
    const stage = { ...rehearsed.value, networks, peakBytes: rehearsed.peakBytes };
    rehearsedStages.push(stage);
    for (const line of describeStage(stage)) console.info(`  ${line}`);
  }
  if (!experiment.config.evaluation) return finish(problems, { stages: rehearsedStages, methods: [] });
  console.heading('Evaluation');
  const evaluated = await attempt<RehearsedMethod[]>('evaluation', { images: IMAGES });
  for (const line of evaluated ? describeEvaluation(evaluated.value, evaluated.peakBytes) : [])
    console.info(`  ${line}`);
  return finish(problems, { stages: rehearsedStages, methods: evaluated?.value ?? [] });
}

/** Errors: there were problems. */
function finish<T>(problems: readonly string[], found: T): T {
  if (problems.length === 0) return found;
  throw new UserError(`The dry run stopped at ${problems.join(', ')}; the lines above say why.`);
}

function oneImage(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].map(([name, spec]) => `stages.${name}.${stages.about(spec).batch.name}=1`);
}
