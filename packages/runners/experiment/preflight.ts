import { isRestorer, type Dataset, type Network } from '@dualprior/blocks';
import { Container, LOG, UserError, type Experiment, type Log, type Tracker } from '@dualprior/core';
import { parseReference } from './parse-reference.ts';
import type { PlannedStage } from './plan.ts';

/** Finds what only the components' constructors know to be wrong (a list of the wrong length, an even kernel). Errors: all of it at once. */
export function checkComponents(experiment: Experiment, log: Log): void {
  const container = new Container(experiment, { services: [[LOG, log]] });
  container.verify(['degradations', 'data', 'networks', 'metrics']);
  const { tracking } = experiment.config;
  if (tracking) container.create<Tracker>('tracker', tracking);
}

/**
 * Makes the data ready that a run will need, before anything is trained.
 * Errors: a folder that is missing or has no usable image; test images whose sides do not fit a method's network.
 */
export async function prepareData(
  experiment: Experiment,
  container: Container,
  stages: readonly PlannedStage[],
  log: Log,
): Promise<void> {
  const { evaluation } = experiment.config;
  const needed = stages
    .filter(({ action }) => action !== 'reuse')
    .flatMap(({ name }) => experiment.references('stages', name))
    .filter(({ section }) => section === 'data')
    .map(({ name }) => name);
  for (const name of new Set(evaluation ? [...needed, evaluation.data] : needed)) {
    await container.get<Dataset>('data', name).prepare();
  }
  if (!evaluation) return;
  warnOfSharedKernels(container, new Set(needed), evaluation.data, log);
  await checkTestSizes(experiment, container, evaluation.data);
}

function warnOfSharedKernels(container: Container, training: ReadonlySet<string>, test: string, log: Log): void {
  const seedOf = (name: string) => container.get<Dataset>('data', name).random.seed;
  for (const name of training) {
    if (name === test || seedOf(name) !== seedOf(test)) continue;
    log.warn(
      `"${name}" and "${test}" have the same seed (${seedOf(test)}), so they share their degradations; give one another seed.`,
    );
  }
}

async function checkTestSizes(experiment: Experiment, container: Container, name: string): Promise<void> {
  const { width, height } = await container.get<Dataset>('data', name).read(0);
  for (const method of experiment.entries('methods').keys()) {
    for (const reference of experiment.networkRoles('methods', method).values()) {
      const { network } = parseReference(reference);
      const multiple = multipleOf(experiment, container, network);
      if (width % multiple === 0 && height % multiple === 0) continue;
      throw new UserError(
        `The method "${method}" takes images whose sides are multiples of ${multiple}, but those of "${name}" are ${width}x${height}.`,
      );
    }
  }
}

function multipleOf(experiment: Experiment, container: Container, network: string): number {
  const module = container.create<Network>('network', experiment.entries('networks').get(network)!);
  return isRestorer(module) ? module.multiple : 1;
}
