import {
  didYouMean,
  loadEngine,
  parseNetworkReference,
  UserError,
  withOptions,
  type Experiment,
} from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { instances, openStore } from '../experiment/session.ts';
import type { Method } from '../methods/method.ts';
import type { NetworkResolver } from '../networks/network-resolver.ts';
import { experimentOfRun } from '../store/experiment-of-run.ts';
import { StoredStages } from '../store/stored-stages.ts';
import type { KnownMethod, NetworkRecipe } from './open-method.ts';

/**
 * A method of a run, as its stages left it.
 * @param name default: the only method
 * Errors: `UserError` if the folder is no run, has no such method, or a stage of it is not trained.
 */
export async function methodOfRun(
  run: string,
  name: string | undefined,
  device: 'auto' | 'cpu' | 'gpu' | undefined,
  console: Console,
): Promise<KnownMethod> {
  const experiment = await experimentOfRun(run);
  const store = openStore(experiment);
  const stored = new StoredStages(experiment, store);
  const chosen = choose(methodsIn(experiment, run), name, run);
  const missing = experiment.stagesBefore('methods', chosen).filter((stage) => !stored.find(stage).record.complete);
  if (missing.length > 0) {
    const many = missing.length > 1;
    throw new UserError(
      `The method "${chosen}" of ${run} depends on the stage${many ? 's' : ''} ${missing.join(', ')}, which ${many ? 'are' : 'is'} not trained yet. ` +
        'Run its experiment to the end first.',
    );
  }
  loadEngine(device ?? experiment.config.runtime.device);
  const { container, networks } = instances(experiment, store, console);
  const method = container.get<Method>('methods', chosen);
  const references = [...new Set(experiment.networkRoles('methods', chosen).values())];
  return {
    name: chosen,
    method,
    notes: [],
    recipe: () => ({
      spec: withOptions(experiment.entry('methods', chosen)),
      networks: references.map((reference) => networkRecipe(experiment, networks, reference)),
    }),
    dispose: () => networks.release(),
  };
}

function networkRecipe(experiment: Experiment, networks: NetworkResolver, reference: string): NetworkRecipe {
  const { weights: _, ...spec } = withOptions(experiment.entry('networks', parseNetworkReference(reference).network));
  const network = networks.resolve(reference);
  network.fillMeanLatent?.();
  return { reference, spec: { ...spec, type: spec.type }, state: network.parameters.stateDict() };
}

/** Names of the methods of a run. Errors: `UserError` if the folder is no run, or it has none. */
export async function methodsOfRun(run: string): Promise<string[]> {
  return methodsIn(await experimentOfRun(run), run);
}

function methodsIn(experiment: Experiment, run: string): string[] {
  const names = [...experiment.entries('methods').keys()];
  if (names.length === 0) throw new UserError(`The experiment of ${run} has no methods.`);
  return names;
}

function choose(names: readonly string[], wanted: string | undefined, run: string): string {
  const list = names.join(', ');
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    const hint = didYouMean(wanted, names);
    throw new UserError(`${run} has no method "${wanted}"${hint ? `; ${hint}` : '.'} Its methods: ${list}.`);
  }
  if (names.length === 1) return names[0]!;
  throw new UserError(`${run} has several methods. Give one of them with --method: ${list}.`);
}
