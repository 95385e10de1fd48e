import type { Dataset, Size } from '@dualprior/blocks';
import { UserError } from '@dualprior/core';

/** An image that stands for all of its size. */
interface Sized extends Size {
  readonly name: string;
}

/** One image of each size in a data set that is prepared, of those that can be read; the first one where it has no end. */
function sizesOf(data: Dataset): Sized[] {
  const found = new Map<string, Sized>();
  const count = Number.isFinite(data.length) ? data.length : 1;
  for (let i = 0; i < count; i++) {
    const size = data.size(i);
    if (!size) continue;
    const key = show(size);
    if (!found.has(key)) found.set(key, { name: data.name(i), ...size });
  }
  return [...found.values()];
}

/** Errors: the data set has sharp images only. */
export function checkDegraded(data: Dataset, which: string): void {
  if (data.degraded !== 'none') return;
  throw new UserError(`The data set ${which} has no \`degradation\`, so there is nothing to restore; give it one.`);
}

/** Errors: the data set has degraded images only. */
export function checkSharp(data: Dataset, which: string): void {
  if (data.hasSharp) return;
  throw new UserError(`The data set ${which} has degraded images only; sharp ones are needed here.`);
}

/** Errors: the data set has no pairs of sharp and degraded images. */
export function checkPairs(data: Dataset, which: string): void {
  checkSharp(data, which);
  checkDegraded(data, which);
}

/** Errors: an image has a side that is not a multiple of what the network takes. */
export function checkSides(network: string, multiple: number, data: Dataset, which: string): void {
  const bad = sizesOf(data).find(({ width, height }) => width % multiple !== 0 || height % multiple !== 0);
  if (!bad) return;
  throw new UserError(
    `"${network}" takes images whose sides are multiples of ${multiple}, but ${bad.name} ${which} is ${show(bad)}. ` +
      `Give the data set a \`size\` that is one, e.g. ${nearestMultiple(bad, multiple)}.`,
  );
}

/** Errors: an image has a side shorter than this. `what` wants it. */
export function checkLeastSide(what: string, least: number | undefined, data: Dataset, which: string): void {
  const small = sizesOf(data).find(({ width, height }) => Math.min(width, height) < (least ?? 1));
  if (!small) return;
  throw new UserError(
    `${what} compares images with sides of at least ${least}, but ${small.name} ${which} is ${show(small)}. ` +
      'Give the data set a larger `size` or `minimumSide`.',
  );
}

/** Errors: an image is not a square of just this side. */
export function checkExactSize(network: string, side: number, data: Dataset, which: string): void {
  const bad = sizesOf(data).find(({ width, height }) => width !== side || height !== side);
  if (!bad) return;
  throw new UserError(
    `"${network}" makes images of ${side}x${side}, but ${bad.name} ${which} is ${show(bad)}. ` +
      `Give the data set \`size: ${side}\`, or the networks the size of the images.`,
  );
}

/** Errors: crops of this side do not fit the network. */
export function checkCrop(network: string, multiple: number, crop: number): void {
  if (crop % multiple === 0) return;
  const near = Math.max(multiple, crop - (crop % multiple));
  throw new UserError(
    `"${network}" takes images whose sides are multiples of ${multiple}, but batch.crop is ${crop}. Give one that is, e.g. ${near}.`,
  );
}

/** Errors: crops of this side are smaller than what a loss compares. */
export function checkLossCrop(least: number | undefined, crop: number): void {
  if (crop >= (least ?? 1)) return;
  throw new UserError(`The loss compares images with sides of at least ${least}, but batch.crop is ${crop}.`);
}

/** Errors: the crop is larger than an image; without a crop, images of different sizes would meet in one batch. */
export function checkBatches(
  data: Dataset,
  { size, crop }: { readonly size: number; readonly crop?: number | undefined },
  { rotate }: { readonly rotate: boolean },
): void {
  const sizes = sizesOf(data);
  if (crop !== undefined) {
    const small = sizes.find(({ width, height }) => crop > Math.min(width, height));
    if (!small) return;
    throw new UserError(
      `batch.crop is ${crop}, but ${small.name} is ${show(small)}. Give a smaller crop, or a larger \`size\` or \`minimumSide\` to the data set.`,
    );
  }
  const [first, other] = sizes;
  if (size === 1 || !first) return;
  const turned = rotate && first.width !== first.height;
  if (!other && !turned) return;
  const found = other ? `${show(first)} (${first.name}) and ${show(other)} (${other.name})` : `${show(first)}, turned`;
  throw new UserError(
    `Images of one batch must have one size, but these are ${found}. Give \`batch.crop\`, or \`size\` to the data set.`,
  );
}

function nearestMultiple({ width, height }: Size, multiple: number): number {
  const side = Math.min(width, height);
  return Math.max(multiple, side - (side % multiple));
}

function show({ width, height }: Size): string {
  return `${width}x${height}`;
}
