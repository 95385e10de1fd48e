import { Container, LOG, loadEngine, UserError, type Device, type Engine, type Experiment } from '@dualprior/core';
import type { Network } from '@dualprior/blocks';
import { ExperimentCode } from '../code/experiment-code.ts';
import type { Console } from '../console/console.ts';
import { NetworkResolver } from '../networks/network-resolver.ts';
import { stages } from '../stages/stage.ts';
import { runsFolderOf, storeIn } from '../store/places.ts';
import { Store } from '../store/store.ts';
import { StoredStages } from '../store/stored-stages.ts';
import { retrain } from './retrain.ts';
import { threadsOf } from './threads.ts';

export interface SessionOptions {
  /** Default: `runtime.device` of the experiment. */
  readonly device?: 'auto' | 'cpu' | 'gpu' | undefined;
  /** Names of stages that are to be trained again by the present code. */
  readonly retrain?: readonly string[];
  readonly console: Console;
}

/** Components of an experiment, and the networks that were lent to them. */
interface Instances {
  readonly container: Container;
  readonly networks: NetworkResolver;
}

/** What the stages of an experiment run in. */
export interface Session extends Instances {
  readonly experiment: Experiment;
  readonly store: Store;
  readonly stored: StoredStages;
  readonly engine: Engine;
  /** Undefined if unknown. */
  readonly code: ExperimentCode | undefined;
  /** What a stage is made of: where it has a seed of its own, the initial weights of its networks follow from that. */
  instancesFor(stage: string): Instances;
}

/** Starts the engine and reads the code. Errors: `UserError` for a device that cannot be used, or a stage that cannot be trained again. */
export async function openSession(
  experiment: Experiment,
  { device, retrain: again = [], console }: SessionOptions,
): Promise<Session> {
  const store = openStore(experiment);
  const stored = new StoredStages(experiment, store);
  const reading = readCode(experiment, console);
  if (again.length > 0) retrain(again, stored, await codeOrError(reading), console);
  const engine = loadEngine(device ?? experiment.config.runtime.device, threadsOf(stored, console));
  const code = await reading;
  console.heading(`${experiment.name} · ${engine.describe()}`);
  console.info(`  store ${store.root}`);
  if (engine.advice !== undefined) console.warn(`no GPU is used: ${engine.advice}`);
  if (engine.xlaNote !== undefined && usesXla(experiment, engine.device)) console.warn(engine.xlaNote);
  const own = instances(experiment, store, console);
  const instancesFor = (stage: string) => {
    const seeded = experiment.forStage(stage);
    return seeded === experiment ? own : instances(seeded, store, console);
  };
  return { experiment, store, stored, engine, code, ...own, instancesFor };
}

/** The store of trained stages that the experiment names, else the one beside its runs. */
export function openStore(experiment: Experiment): Store {
  return new Store(experiment.config.store ?? storeIn(runsFolderOf(experiment.file)));
}

/** @param store undefined: for a rehearsal, every network has its initial weights */
export function instances(experiment: Experiment, store: Store | undefined, console: Console): Instances {
  const networks: NetworkResolver = new NetworkResolver(
    experiment,
    store,
    (spec) => container.create<Network>('network', spec),
    console,
  );
  const container: Container = new Container(experiment, {
    services: [[LOG, console]],
    resolve: { networks: (reference) => networks.resolve(reference) },
  });
  return { container, networks };
}

/** Whether a stage is compiled by XLA: on a GPU by default. */
function usesXla({ config }: Experiment, device: Device): boolean {
  const own = Object.values(config.stages).map((spec) => stages.about(spec).runtime?.value.xla);
  return own.some((xla) => xla ?? config.runtime.xla ?? device === 'gpu');
}

/** Undefined where it cannot be read. */
async function readCode(experiment: Experiment, console: Console): Promise<ExperimentCode | undefined> {
  try {
    return await ExperimentCode.read(experiment);
  } catch (error) {
    console.warn(`Edits of code cannot be noticed: ${(error as Error).message}`);
    return undefined;
  }
}

async function codeOrError(reading: Promise<ExperimentCode | undefined>): Promise<ExperimentCode> {
  const code = await reading;
  if (!code) throw new UserError('--retrain needs to know the code of the stages, which cannot be read.');
  return code;
}
