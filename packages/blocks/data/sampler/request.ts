import type { Problem, Section, ComponentSpec } from '@dualprior/core';
import type { Pair } from './pair-at.ts';
import type { Sample, Sampling } from './sample-batch.ts';
import type { UnreadableImage } from '../files/unreadable.ts';

/** The data sets of an experiment, as worker threads make them. */
export interface DataDescription {
  readonly sections: Readonly<
    Record<Extract<Section, 'data' | 'degradations'>, Readonly<Record<string, ComponentSpec>>>
  >;
  /** Files that declare them: a thread imports those that are no part of this package. */
  readonly components: readonly string[];
  /** Among how many threads the memory for images is shared. */
  readonly workers: number;
}

/** What a thread is started with. */
export interface WorkerData extends DataDescription {
  /** The compiled modules that it runs from, by the names by which plugins import them. */
  readonly doors: Readonly<Record<string, string>> | undefined;
}

interface Of {
  /** Name of the data set. */
  readonly data: string;
  /** What its `prepare` found, serialised. */
  readonly found: SharedArrayBuffer;
}

export interface SamplesRequest extends Of {
  readonly seed: number;
  readonly sampling: Sampling;
  readonly positions: readonly number[];
}

export interface PairRequest extends Of {
  readonly index: number;
}

export type Request = SamplesRequest | PairRequest;

/** What came of a request. Classes of errors do not go from thread to thread, so a user's mistake is passed on in plain values. */
export type Reply<T extends Sample[] | Pair> = { readonly result: T } | { readonly mistake: Mistake };

interface Mistake {
  readonly message: string;
  readonly problems: readonly Problem[];
  /** Where the mistake is an image that cannot be read. */
  readonly unreadable?: Pick<UnreadableImage, 'file' | 'reason' | 'isKnown'>;
}
