import { availableParallelism } from 'node:os';
import { directSampler, WorkerSampler, type Sampler } from '@dualprior/blocks';
import type { Container, Experiment } from '@dualprior/core';

const MOST = 16;

/** Makes the samples of a run: in as many worker threads as `runtime.workers` says, or as the cores suggest. */
export function samplerOf(experiment: Experiment, container: Container): Sampler {
  const workers = experiment.config.runtime.workers ?? defaultWorkers(availableParallelism());
  if (workers === 0) return directSampler;
  const { data, degradations } = experiment.config;
  const used = Object.keys(data).flatMap((name) => [...experiment.componentsOf('data', name).values()]);
  const components = [...new Set(used.map(({ file }) => file))];
  return new WorkerSampler({ sections: { data, degradations }, components, workers }, (dataset) =>
    container.nameOf('data', dataset),
  );
}

/**
 * TensorFlow and the main thread keep two cores. Of two cores one worker still pays: where images are large (512 pixels, crops of 128) a step
 * takes 0.8 of the time, since much of what the main thread does is no work of TensorFlow's; with small ones it makes no difference.
 */
export function defaultWorkers(cores: number): number {
  return cores === 1 ? 0 : Math.min(MOST, Math.max(1, cores - 2));
}
