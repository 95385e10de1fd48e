import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  Container,
  Journal,
  loadExperiment,
  LOG,
  Parameters,
  Random,
  readWholeJournal,
  type StateDict,
  loadEngine,
  parseNetworkReference,
  readSafetensors,
} from '@dualprior/core';
import { directSampler, type Network, type Sampler } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Console } from '../../console/console.ts';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import type { Stage, StageContext } from '../stage.ts';
import { UnreadableImages } from '../../inference/unreadable-images.ts';
import { stateFile } from '../../store/training-state.ts';

export type Networks = ReadonlyMap<string, TrainedNetwork>;

export interface Setting {
  readonly set?: readonly string[];
  readonly compile?: boolean;
  /** Is given what the stage warns of. */
  readonly warned?: string[];
  /** Is given what else it reports. */
  readonly reported?: string[];
  /** Interrupts before the iteration that follows this many updates of the progress bar. */
  readonly interruptAfter?: number;
  /** Is called with all networks of the stage, by their references, before the first iteration and validation. */
  readonly onBegin?: (networks: Networks) => void;
  /** The same after each iteration. */
  readonly onIteration?: (networks: Networks) => void;
  /** Returns the weights that a network begins with, given its first ones; by default it keeps those. */
  readonly weights?: (network: TrainedNetwork, first: StateDict) => StateDict;
  /** Makes the batches; by default of the experiment's data. */
  readonly sampler?: Sampler;
}

/** A stage of `experiments/FILE` and its networks, each with initial weights. */
export function makeStage(
  file: string,
  name: string,
  setting: Pick<Setting, 'set' | 'warned' | 'reported' | 'weights'> = {},
) {
  const { set = [], warned, reported, weights } = setting;
  const experiment = loadExperiment(resolve(import.meta.dirname, '../../../../experiments', file), { set: [...set] });
  const silent = {
    info: (line: string) => void reported?.push(line),
    warn: (line: string) => void warned?.push(line),
  };
  const networks = new Map<string, TrainedNetwork>();
  const container = new Container(experiment, {
    services: [[LOG, silent]],
    resolve: {
      networks: (reference): TrainedNetwork => {
        const { network } = parseNetworkReference(reference);
        const module = container.create<Network>('network', experiment.entry('networks', network));
        const trained = { reference, module, parameters: new Parameters(module, new Random(experiment.seed), network) };
        if (weights) trained.parameters.load(weights(trained, trained.parameters.stateDict()));
        networks.set(reference, trained);
        return trained;
      },
    },
  });
  const stage = container.get<Stage>('stages', name);
  return { stage, networks, seed: experiment.seed, runtime: experiment.config.runtime, log: silent };
}

/** Trains one stage of `experiments/FILE` (or trains it on) in `folder`; every network has initial weights. */
export async function trainStage(file: string, name: string, folder: string, setting: Setting = {}): Promise<void> {
  const { compile = true, interruptAfter, onBegin, onIteration, sampler = directSampler } = setting;
  const { stage, networks, seed, runtime, log } = makeStage(file, name, setting);
  const abort = new AbortController();
  let updates = 0;
  const bar = {
    update: () => {
      if (++updates === interruptAfter) abort.abort();
      onIteration?.(networks);
    },
    stop: () => {},
  };
  const context: StageContext = {
    name,
    folder,
    seed,
    runtime: { ...runtime, compile },
    openJournal: (position) => {
      onBegin?.(networks);
      return Journal.open(join(folder, 'journal.jsonl'), { position });
    },
    sampler,
    unreadable: new UnreadableImages(log),
    console: { ...log, progress: () => bar } as unknown as Console,
    signal: abort.signal,
  };
  try {
    await stage.train(context);
  } finally {
    for (const { parameters } of networks.values()) parameters.dispose();
  }
}

/** What a stage left in its folder. */
export interface Left {
  /** Key, step and value. */
  readonly curves: (readonly [string, number, number])[];
  /** Names and contents. */
  readonly files: (readonly [string, string])[];
}

/** All that a training leaves: results and pictures byte for byte, and curves. */
export async function leftBy(folder: string): Promise<Left> {
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  const curves = records.flatMap((r): Left['curves'] =>
    r.event === 'metric' ? [[r.key, r.step, r.value as number]] : [],
  );
  const bytes = (file: string): [string, string] => [file, readFileSync(join(folder, file)).toString('base64')];
  const results = readdirSync(folder).filter((file) => file.endsWith('.safetensors'));
  const samples = readdirSync(join(folder, 'samples')).map((file) => join('samples', file));
  return { curves, files: [...results, ...samples].sort().map(bytes) };
}

/** Values of one curve. */
export async function curveOf(folder: string, key: string): Promise<number[]> {
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  return records.flatMap((r) => (r.event === 'metric' && r.key === key ? [r.value as number] : []));
}

/** The names of all its curves. */
export function curvesIn({ curves }: Left): string[] {
  return [...new Set(curves.map(([key]) => key))].sort();
}

/** The names of the tensors by which a training continues. */
export function stateNames(folder: string): string[] {
  return [...readSafetensors(stateFile(folder)).tensors.keys()].sort();
}

/** How many tensors there are, of TensorFlow.js and of TensorFlow. */
export function tensorCounts(): number[] {
  return [tf.memory().numTensors, loadEngine().tensors()];
}
