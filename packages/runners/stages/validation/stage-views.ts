import type { RunnableStep } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { restoring, type Viewing } from '../../inference/restoring.ts';

/** What the networks of a stage make of a batch of degraded images (NHWC in [0, 1]), by names for display. */
export interface StageViews {
  /** By networks that the stage leaves as they are. */
  readonly frozen?: { readonly names: readonly string[]; make(degraded: Tensor4D): readonly Tensor4D[] };
  /** By those that it trains, of the degraded images and the frozen ones. */
  readonly trained: { readonly name: string; make(...images: Tensor4D[]): Tensor4D };
}

/** All views of a batch, in their order. */
export function makeViews({ frozen, trained }: StageViews, degraded: Tensor4D): Tensor4D[] {
  const made = frozen?.make(degraded) ?? [];
  return [...made, trained.make(degraded, ...made)];
}

interface Kept {
  readonly values: Float32Array;
  readonly shape: Tensor4D['shape'];
}

/** Makes the views of batches that come again and again: the frozen ones once, as far as memory is granted to keep them. */
export class ViewMaker {
  readonly names: readonly string[];
  readonly #frozen: Viewing | undefined;
  readonly #trained: RunnableStep<Tensor4D[], Tensor4D>;
  readonly #kept = new Map<number, readonly Kept[]>();
  #bytes = 0;
  #full = false;

  /** @param memory for the frozen views, in bytes; `whenFull` is called once if they need more */
  constructor(
    { frozen, trained }: StageViews,
    compile: boolean,
    private readonly memory: number,
    private readonly whenFull: (names: readonly string[]) => void,
  ) {
    this.names = [...(frozen?.names ?? []), trained.name];
    this.#frozen = frozen && restoring((degraded) => frozen.make(degraded), compile);
    this.#trained = restoring((...images) => trained.make(...images), compile);
  }

  /** In the order of the names. `batch` is the same number for the same images. The caller wraps it in `tf.tidy`. */
  make(batch: number, degraded: Tensor4D): Tensor4D[] {
    const frozen = this.#frozen ? this.#frozenOf(batch, degraded, this.#frozen) : [];
    return [...frozen, this.#trained.run(degraded, ...frozen)];
  }

  dispose(): void {
    this.#frozen?.dispose();
    this.#trained.dispose();
    this.#kept.clear();
  }

  #frozenOf(batch: number, degraded: Tensor4D, step: Viewing): readonly Tensor4D[] {
    const kept = this.#kept.get(batch);
    if (kept) return kept.map(({ values, shape }) => tf.tensor4d(values, shape));
    const views = step.run(degraded);
    this.#keep(batch, views);
    return views;
  }

  #keep(batch: number, views: readonly Tensor4D[]): void {
    const bytes = views.reduce((sum, { size }) => sum + size * Float32Array.BYTES_PER_ELEMENT, 0);
    if (this.#bytes + bytes <= this.memory) {
      this.#bytes += bytes;
      this.#kept.set(
        batch,
        views.map((view) => ({ values: view.dataSync<'float32'>().slice(), shape: view.shape })),
      );
    } else if (!this.#full) {
      this.#full = true;
      this.whenFull(this.names.slice(0, -1));
    }
  }
}
