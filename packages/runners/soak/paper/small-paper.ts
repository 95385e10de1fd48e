import { join } from 'node:path';
import { datasets, metrics, type Loss, type Metric } from '@dualprior/blocks';
import {
  Container,
  loadExperiment,
  standInForMissingFiles,
  LOG,
  makeFolder,
  UserError,
  writeSafetensors,
  type Experiment,
  type Log,
} from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import { settingsForMissing } from '../../rehearsal/stand-ins.ts';
import { stagesInOrder } from '../../experiment/plan.ts';

/** The iterations of every stage. The first one has all regularisers, the second one none. */
const ITERATIONS = 2;
/** Test images: the fewest that FID can compare. */
const IMAGES = 2;

export interface SmallPaper {
  /** Stands alone. */
  readonly file: string;
  readonly experiment: Experiment;
  /** In the order in which a run trains them. */
  readonly stages: readonly string[];
}

interface SmallOptions {
  /** The stages that are wanted; empty: all. Those that they build on come with them, and the methods that these suffice for. */
  readonly parts: readonly string[];
  readonly seed: number;
}

/**
 * An experiment at its own size that is as short as can be: two iterations of every stage on one image each, validated on one image, two
 * test images, without the metrics that need more; drawn images, and networks with initial weights. Every environment variable is taken to name a file of a folder:
 * `NAME.safetensors`; published weights lie below it as in the cache. Errors: `UserError` for a stage that there is not.
 */
export function shortened(source: string, weights: string, { parts, seed }: SmallOptions): Experiment {
  const env = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get: (_, name) => (name === 'DUALPRIOR_CACHE' ? weights : join(weights, `${String(name)}.safetensors`)),
    },
  );
  const load = (set: readonly string[]) => loadExperiment(source, { set: [...set, 'tracking=null'], env });
  const whole = load([]);
  const sizes = [...short(whole, parts), ...withoutLargeSets(whole), `seed=${seed}`];
  return load([...sizes, ...settingsForMissing(load(sizes), () => {})]);
}

/** Writes it to a folder, with weights files for its losses and metrics, which hold initial weights. Errors: as `shortened`. */
export async function smallPaper(source: string, folder: string, options: SmallOptions, log: Log): Promise<SmallPaper> {
  const weights = join(folder, 'weights');
  makeFolder(join(weights, 'weights')); // of published ones
  standInForMissingFiles(() => {}, writeSafetensors);
  try {
    const experiment = shortened(source, weights, options);
    await readExtractors(experiment, log);
    const file = join(folder, 'paper.yaml');
    writeFileAtomic.sync(file, experiment.toYaml());
    return { file, experiment, stages: stagesInOrder(experiment) };
  } finally {
    standInForMissingFiles(undefined);
  }
}

/** Values of `--set` for what is wanted: the shortest runs of these stages, and the methods that they suffice for. */
function short(whole: Experiment, parts: readonly string[]): string[] {
  const all = [...whole.entries('stages').keys()];
  const unknown = parts.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new UserError(`The experiment has no stage "${unknown.join('", "')}". Its stages are ${all.join(', ')}.`);
  }
  const wanted = parts.length === 0 ? all : parts;
  const kept = new Set(wanted.flatMap((name) => [name, ...whole.stagesBehind('stages', name)]));
  const options = { iterations: ITERATIONS, 'batch.size': 1, saveEvery: 1, logEvery: 1, validateEvery: ITERATIONS };
  const stages = all.flatMap((name) => {
    if (!kept.has(name)) return [`stages.${name}=null`];
    return Object.entries(options).map(([option, value]) => `stages.${name}.${option}=${value}`);
  });
  const methods = [...whole.entries('methods').keys()].filter((name) =>
    whole.stagesBefore('methods', name).some((stage) => !kept.has(stage)),
  );
  const facts = [...whole.entries('data').values()].map((spec) => datasets.about(spec));
  const data = facts.flatMap((each) => ('of' in each && each.heldOut ? [`data.${each.of}.holdOut=1`] : []));
  if (whole.config.evaluation) data.push(`data.${whole.config.evaluation.data}.limit=${IMAGES}`);
  return [...stages, ...methods.map((name) => `methods.${name}=null`), ...data];
}

/** Values of `--set` that leave out the metrics of sets for which so few test images are too few. */
function withoutLargeSets(whole: Experiment): string[] {
  return [...whole.entries('metrics')].flatMap(([name, spec]) =>
    (metrics.about(spec).minimumImages ?? 0) > IMAGES ? [`metrics.${name}=null`] : [],
  );
}

/** Makes losses and metrics read what they read, so that the weights which take the place of missing files are written. */
async function readExtractors(experiment: Experiment, log: Log): Promise<void> {
  const container = new Container(experiment, { services: [[LOG, log]] });
  const losses = [...experiment.entries('stages').keys()].flatMap((name) =>
    experiment.components('stages', name, 'loss'),
  );
  const read = [
    ...losses.map((spec) => container.create<Loss>('loss', spec)),
    ...[...experiment.entries('metrics').keys()].map((name) => container.get<Metric>('metrics', name)),
  ];
  for (const component of read) {
    await component.prepare?.();
    component.dispose?.();
  }
}
