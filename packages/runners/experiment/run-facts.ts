import { cpus, release, totalmem, type } from 'node:os';
import { counted, sourceTags, type Engine, type Experiment, type TrackerAddress } from '@dualprior/core';
import { version_core } from '@tensorflow/tfjs-core';

/** Where and with what a run was made, for its report: label -> text. */
export async function runFacts(
  experiment: Experiment,
  engine: Engine,
  started: Date,
  tracked: ReadonlyMap<string, TrackerAddress>,
): Promise<Record<string, string>> {
  const { 'source.git.commit': commit, 'source.git.dirty': dirty } = await sourceTags(experiment.file);
  const processors = cpus();
  return {
    experiment: `${experiment.name}, hash ${experiment.hash}, seed ${experiment.seed}`,
    ...(commit && { commit: `${commit}${dirty === 'true' ? ', with changes' : ''}` }),
    engine: engine.describe(),
    'TensorFlow.js': version_core,
    Node: process.version,
    machine: `${processors[0]?.model.trim() ?? 'unknown processor'}, ${counted(processors.length, 'core')}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${type()} ${release()}`,
    ...Object.fromEntries([...tracked].map(([tracker, { page, uri }]) => [tracker, page ?? uri])),
    'last session': `${started.toISOString()} to ${new Date().toISOString()}`,
  };
}
