import { UserError } from '@dualprior/core';

/** The images of a step. */
export interface BatchOptions {
  /** How many go through the networks at once. */
  readonly size: number;
  /** How many times as many a step takes; their gradients are averaged. 1 if absent. */
  readonly accumulate?: number | undefined;
  /** Side of the random squares that are cut from them, in pixels; whole images if absent. */
  readonly crop?: number | undefined;
  /** What replaces both later on: progressive training, as Restormer's (Zamir et al. 2022, section 3.3). */
  readonly progressive?: readonly { readonly from: number; readonly size: number; readonly crop: number }[] | undefined;
}

/** The images of a certain step. */
interface Draw {
  readonly size: number;
  readonly crop: number | undefined;
  /** How many images the steps before it took. */
  readonly drawn: number;
}

/** A run of iterations that have the same size and crop. */
interface Part extends Omit<Draw, 'drawn'> {
  readonly from: number;
}

export function partsOf({ size, crop, progressive = [], accumulate = 1 }: BatchOptions): readonly Part[] {
  return [{ from: 0, size, crop }, ...progressive].map((part) => ({ ...part, size: accumulate * part.size }));
}

/** What an iteration (from 0) trains on. */
export function drawAt(batch: BatchOptions, iteration: number): Draw {
  const parts = partsOf(batch).filter(({ from }) => from <= iteration);
  const { size, crop } = parts.at(-1)!;
  const drawn = parts.reduce((sum, part, i) => sum + part.size * ((parts[i + 1]?.from ?? iteration) - part.from), 0);
  return { size, crop, drawn };
}

/** The images of a step, on average over all iterations. */
export function meanSize(batch: BatchOptions, iterations: number): number {
  return drawAt(batch, iterations).drawn / iterations;
}

/** All sides of crops, from the smallest. Empty: whole images. */
export function cropsOf(batch: BatchOptions): readonly number[] {
  return partsOf(batch)
    .flatMap(({ crop }) => crop ?? [])
    .sort((a, b) => a - b);
}

/** Errors: parts that do not follow each other within the iterations, or that crop after whole images. */
export function checkProgressive({ crop, progressive = [] }: BatchOptions, iterations: number): void {
  if (progressive.length > 0 && crop === undefined) {
    throw new UserError(
      'batch.progressive changes crops, but there is no batch.crop. Give it: the size of the crops before the first change.',
    );
  }
  progressive.forEach(({ from }, i) => {
    const least = progressive[i - 1]?.from ?? 0;
    if (from > least && from < iterations) return;
    const allowed = from <= least ? `more than ${least}` : `less than \`iterations\`, which is ${iterations}`;
    throw new UserError(`batch.progressive[${i}].from is ${from}, but must be ${allowed}: parts follow each other.`);
  });
}
