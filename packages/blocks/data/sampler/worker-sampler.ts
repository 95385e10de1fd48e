import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { COMPILED, UserError, type Random } from '@dualprior/core';
import { Piscina } from 'piscina';
import type { Dataset } from '../dataset.ts';
import type { Pair } from './pair-at.ts';
import { positions, toBatch, type Batch, type Sample, type Sampling } from './sample-batch.ts';
import { UnreadableImage } from '../files/unreadable.ts';
import type { DataDescription, PairRequest, Reply, SamplesRequest, WorkerData } from './request.ts';
import { directSampler, type Sampler } from './sampler.ts';

/**
 * Requests that a worker holds at a time, those that wait included. The thread that asks is deaf while a step runs, so what workers do
 * meanwhile must have been sent to them before.
 */
const REQUESTS = 4;

/** Makes samples in worker threads, which start when the first sample is asked for. */
export class WorkerSampler implements Sampler {
  readonly #found = new WeakMap<Dataset, Promise<SharedArrayBuffer>>();
  #pool: Piscina | undefined;
  #closed = false;

  /** @param nameOf name of a data set in the description; of one that is not in it, samples are made in the thread that asks */
  constructor(
    readonly description: DataDescription,
    readonly nameOf: (dataset: Dataset) => string | undefined,
  ) {}

  /** Each worker makes a share of the batch. */
  async batch(dataset: Dataset, random: Random, sampling: Sampling): Promise<Batch> {
    const data = this.nameOf(dataset);
    if (data === undefined) return directSampler.batch(dataset, random, sampling);
    const found = await this.#foundBy(dataset);
    const { seed } = random;
    const requests = shares(positions(sampling), this.description.workers).map((share) => {
      const request: SamplesRequest = { data, found, seed, sampling, positions: share };
      return this.#ask<Sample[]>(request);
    });
    return toBatch((await Promise.all(requests)).flat());
  }

  async pair(dataset: Dataset, index: number): Promise<Pair> {
    const data = this.nameOf(dataset);
    if (data === undefined) return directSampler.pair(dataset, index);
    const request: PairRequest = { data, found: await this.#foundBy(dataset), index };
    return this.#ask<Pair>(request);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.destroy();
  }

  async #ask<T extends Sample[] | Pair>(request: SamplesRequest | PairRequest): Promise<T> {
    if (this.#closed) throw new Error('The sampler is closed.');
    this.#pool ??= start(this.description);
    const reply = (await this.#pool.run(request)) as Reply<T>;
    if ('result' in reply) return reply.result;
    const { message, problems, unreadable } = reply.mistake;
    if (unreadable) throw new UnreadableImage(unreadable.file, unreadable.reason, unreadable.isKnown);
    throw new UserError(message, problems);
  }

  /** What preparing the data set found, in memory that all threads see, as it may be a list of 100,000 files. */
  #foundBy(dataset: Dataset): Promise<SharedArrayBuffer> {
    const known = this.#found.get(dataset);
    if (known) return known;
    const found = dataset.prepare().then((value) => shared(serialize(value)));
    this.#found.set(dataset, found);
    return found;
  }
}

function start(description: DataDescription): Piscina {
  const { workers } = description;
  return new Piscina({
    filename: COMPILED?.worker ?? fileURLToPath(new URL('../../sampler-worker.mjs', import.meta.url)),
    workerData: { ...description, doors: COMPILED?.doors } satisfies WorkerData,
    execArgv: COMPILED ? ['--enable-source-maps'] : [],
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: REQUESTS,
  });
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** Splits a list into at most so many parts of nearly equal length, in order. */
function shares<T>(list: readonly T[], count: number): T[][] {
  const parts = Math.min(count, list.length);
  return Array.from({ length: parts }, (_, i) =>
    list.slice(Math.floor((i * list.length) / parts), Math.floor(((i + 1) * list.length) / parts)),
  );
}
