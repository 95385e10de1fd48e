import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Adam, directSampler, Ema, type Batch, type Optimizer, type Sampler } from '@dualprior/blocks';
import { loadExperiment, readWholeJournal, writeSafetensors, type Experiment, type StateDict } from '@dualprior/core';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { formulaValues } from '../../goldens/formula.ts';
import { trainStage, type Networks } from '../../stages/testing/stage-harness.ts';
import { GivenDraws } from './draws.ts';
import { toyHeads } from './toy-trunk.ts';
import { toyImages, toyState } from './toy-values.ts';

/** Norm of the change of a tensor since the beginning, and its product with a vector of the formula. */
export type Change = readonly [norm: number, projection: number];

/** What a training leaves, as `pytorch/main.py` gives it. */
export interface Numbers {
  readonly iterations: readonly {
    /** By the names of the curves. */
    readonly curves: Readonly<Record<string, number>>;
    /** Norm of each gradient, before clipping, in the order of the updates, with the network's name. */
    readonly gradients: readonly (readonly [network: string, norm: number])[];
  }[];
  /** After so many iterations, of each network and average: tensors that changed. */
  readonly weights: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Change | null>>>>>>;
}

export interface Captured extends Numbers {
  /** Norms of the tensors themselves, by network and name: what float32 can tell of their changes depends on them. */
  readonly norms: ReadonlyMap<string, number>;
}

const STAGE = 'train';

/** Trains the stage of a case eagerly, on given weights, images and draws. */
export async function capture(file: string): Promise<Captured> {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  const heads = join(folder, 'heads.safetensors');
  writeSafetensors(heads, toyHeads(formulaValues));
  process.env['ORACLE_HEADS'] = heads;
  const experiment = loadExperiment(file, {});
  const { type, iterations } = experiment.entry('stages', STAGE) as unknown as { type: string; iterations: number };
  const draws = new GivenDraws(type, experiment.seed, iterations);
  const watched = new Watched(experiment, iterations);
  try {
    await trainStage(file, STAGE, folder, {
      compile: false,
      sampler: givenImages,
      weights: ({ reference }, first) => watched.begin(reference, first),
      onIteration: (networks) => watched.after(networks),
    });
    const records = await readWholeJournal(join(folder, 'journal.jsonl'));
    const curves = watched.gradients.map((_, i) => {
      const points = records.flatMap((r) =>
        r.event === 'metric' && r.step === i + 1 ? [[r.key, r.value] as const] : [],
      );
      return Object.fromEntries(points) as Record<string, number>;
    });
    return {
      iterations: watched.gradients.map((gradients, i) => ({ curves: curves[i]!, gradients })),
      weights: watched.weights,
      norms: watched.norms,
    };
  } finally {
    watched.end();
    draws.end();
    rmSync(folder, { recursive: true });
  }
}

/** Which of the faces of a batch are mirrored: the odd ones. */
const givenImages: Sampler = {
  ...directSampler,
  async batch(dataset, _random, { iteration, size }): Promise<Batch> {
    const { width, height } = dataset.size(0)!;
    const shape: Batch['shape'] = [size, height, width, 3];
    const count = shape.reduce((product, length) => product * length, 1);
    const [degraded, sharp] = (['degraded', 'sharp'] as const).map((role) => toyImages(iteration, role, count));
    const shown = Array.from({ length: size }, (_, i) => ({ name: dataset.name(i), flipped: i % 2 === 1 }));
    return { degraded: degraded!, sharp: sharp!, shape, shown, unreadable: [] };
  },
};

/** Sees the gradients of all updates, and the averages, by standing in front of the optimizers' and averages' methods. */
class Watched {
  readonly weights: Record<string, Record<string, Record<string, Change>>> = {};
  readonly norms = new Map<string, number>();
  readonly #initial = new Map<string, StateDict>();
  readonly #gradients: { vector: unknown; norm: number }[][] = [[]];
  readonly #averages = new Map<unknown, Tensor1D>();
  readonly #restore: (() => void)[] = [];
  #networks: Networks = new Map();
  #done = 0;

  constructor(
    private readonly experiment: Experiment,
    private readonly iterations: number,
  ) {
    const adams = Object.getPrototypeOf(Adam.prototype) as Pick<Optimizer, 'update'>;
    this.#before(adams, 'update', (_, [vector, gradient]) => {
      const squares = gradient.map((piece) => piece.dataSync<'float32'>().reduce((sum, value) => sum + value ** 2, 0));
      this.#gradients.at(-1)!.push({ vector, norm: Math.sqrt(squares.reduce((sum, square) => sum + square, 0)) });
    });
    this.#before(Ema.prototype, 'update', (ema, [vector]) => void this.#averages.set(vector, ema.average));
  }

  /** The weights that a network begins with. */
  begin(reference: string, first: StateDict): StateDict {
    const kind = this.experiment.entry('networks', reference) as { type: string; architecture?: string };
    const state = toyState(reference, kind, first);
    this.#initial.set(reference, state);
    return state;
  }

  after(networks: Networks): void {
    this.#networks = networks;
    if (++this.#done < this.iterations) this.#gradients.push([]);
    if (this.#done > 1 && this.#done < this.iterations) return;
    const all: Record<string, Record<string, Change>> = (this.weights[this.#done] = {});
    for (const [reference, { parameters }] of networks) {
      all[reference] = this.#changes(reference, parameters.stateDict());
      const average = this.#averages.get(parameters.vector);
      if (average) all[`${reference}.ema`] = this.#changes(reference, parameters.stateDict(average));
    }
  }

  get gradients(): [network: string, norm: number][][] {
    const names = new Map([...this.#networks].map(([reference, { parameters }]) => [parameters.vector, reference]));
    return this.#gradients.map((all) => all.map(({ vector, norm }) => [names.get(vector as never)!, norm]));
  }

  end(): void {
    for (const restore of this.#restore) restore();
  }

  #changes(reference: string, state: StateDict): Record<string, Change> {
    const changes: Record<string, Change> = {};
    for (const [name, { values }] of state) {
      const first = this.#initial.get(reference)!.get(name)!.values;
      const difference = Float64Array.from(values, (value, i) => value - first[i]!);
      if (difference.every((value) => value === 0)) continue;
      const direction = formulaValues(`projection:${name}`, difference.length);
      changes[name] = [Math.hypot(...difference), difference.reduce((sum, value, i) => sum + value * direction[i]!, 0)];
      this.norms.set(`${reference} ${name}`, Math.hypot(...first));
    }
    return changes;
  }

  #before<T extends object, Name extends keyof T>(
    owner: T,
    name: Name,
    look: (self: T, values: Parameters<Extract<T[Name], (...values: never[]) => unknown>>) => void,
  ): void {
    type Method = (this: T, ...values: Parameters<Extract<T[Name], (...values: never[]) => unknown>>) => unknown;
    const original = owner[name] as Method;
    const watching: Method = function (...values) {
      look(this, values);
      return original.apply(this, values);
    };
    Object.assign(owner, { [name]: watching });
    this.#restore.push(() => void Object.assign(owner, { [name]: original }));
  }
}
