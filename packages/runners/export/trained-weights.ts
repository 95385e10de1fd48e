import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  catalogue,
  Container,
  didYouMean,
  mismatches,
  parseNetworkReference,
  UserError,
  type ComponentSpec,
  type Experiment,
  type SpecWithOptions,
  type StateDict,
} from '@dualprior/core';
import { officialCodeOf, type Network } from '@dualprior/blocks';
import { readMeasurements } from '../report/record/measurements.ts';
import { experimentOfRun } from '../store/experiment-of-run.ts';
import { linkedStages } from '../store/linked-stages.ts';
import { readResult } from '../store/result-file.ts';
import type { StageFolder } from '../store/stage-folder.ts';

/** A network as a stage of a run left it, and what is known of it. */
export interface TrainedWeights {
  /** `STAGE.NAME`. */
  readonly reference: string;
  readonly experiment: Experiment;
  /** The component with all its options, but for the weights that it began with. */
  readonly spec: SpecWithOptions;
  readonly network: Network;
  readonly state: StateDict;
  /** Iterations that it was trained; undefined where the stage does not say. */
  readonly iterations: number | undefined;
  /** The values by column of each method of the run's table that uses it. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Address of the official code that loads it; undefined where there is none. */
  readonly officialCode: string | undefined;
}

/** Networks of one run that go into one file. */
export type Chosen = readonly [TrainedWeights, ...TrainedWeights[]];

/**
 * The network `STAGE.NAME` of a run, as others get it.
 * Errors: `UserError` if the folder is no run, the run has no such stage or network, or the stage is not trained to its end.
 */
export async function trainedWeights(run: string, reference: string): Promise<TrainedWeights> {
  const experiment = await experimentOfRun(run);
  const { stage, network: name } = parseNetworkReference(reference);
  const role = roleOf(experiment, reference, stage, name);
  const folder = trainedStage(run, stage!);
  const { result, iterations } = folder.record;
  const written = experiment.entry('networks', name);
  const { weights: _, ...spec } = written as SpecWithOptions & { weights?: unknown };
  const container = new Container(experiment);
  const network = container.create<Network>('network', spec as ComponentSpec);
  const path = folder.weights(result);
  const state = readResult(path, role);
  const [problem] = mismatches(network, state);
  if (problem !== undefined) throw new UserError(`${path} is not of this experiment: ${problem}`);
  return {
    reference,
    experiment,
    spec: spec as SpecWithOptions,
    network,
    state,
    iterations,
    metrics: metricsOf(run, experiment, reference),
    officialCode: officialCodeOf(catalogue.find('network', spec.type)!.create),
  };
}

/** The role in which the stage trains the network. Errors: it does not. */
function roleOf(experiment: Experiment, reference: string, stage: string | undefined, name: string): string {
  const all = [...experiment.entries('stages').keys()].flatMap((each) =>
    [...experiment.networkRoles('stages', each)].map(([role, text]) => {
      const { stage: from, network } = parseNetworkReference(text);
      return { reference: `${each}.${network}`, role, isOwn: from === undefined };
    }),
  );
  const found = stage === undefined ? undefined : all.find((each) => each.reference === `${stage}.${name}`);
  if (found) return found.role;
  const known = [...new Set(all.filter(({ isOwn }) => isOwn).map((each) => each.reference))];
  const near = didYouMean(reference, known);
  throw new UserError(
    `The run trains no network "${reference}"${near ? ` (${near})` : ''}. It trains ${known.join(', ') || 'none'}.`,
  );
}

/** Errors: the stage is not trained to its end. */
function trainedStage(run: string, stage: string): StageFolder {
  const folder = linkedStages(run, [stage]).get(stage);
  if (!folder) throw new UserError(`The stage "${stage}" of ${run} is not trained yet, or was removed from the store.`);
  if (folder.record.complete) return folder;
  throw new UserError(
    `The stage "${stage}" of ${run} is not trained to its end. Run the experiment again: it continues.`,
  );
}

/** Values of the methods that restore with the network. */
function metricsOf(run: string, experiment: Experiment, reference: string): TrainedWeights['metrics'] {
  if (!existsSync(join(run, 'results.json'))) return {};
  const { columns, rows } = readMeasurements(run);
  const uses = (method: string) =>
    experiment.entries('methods').has(method) &&
    [...experiment.networkRoles('methods', method).values()].includes(reference);
  const values = rows.filter(({ method }) => uses(method));
  return Object.fromEntries(
    values.map((row) => [row.method, Object.fromEntries(columns.map(({ name }, i) => [name, row.values[i]!]))]),
  );
}
