import type { ComponentSpec, Experiment } from '@dualprior/core';

/** The images of a data set: the one that they lie in, and whether they are those which that one holds out. */
interface Images {
  readonly of: ComponentSpec;
  readonly heldOut: boolean;
}

/** Whether two data sets have images in common, as far as their options tell. */
export function haveSharedImages(experiment: Experiment, one: string, other: string): boolean {
  return areShared(imagesOf(experiment, one), imagesOf(experiment, other));
}

/** Whether two data sets are drawn and have drawings in common. */
export function areDrawnAlike(experiment: Experiment, one: string, other: string): boolean {
  return isDrawn(imagesOf(experiment, one)) && haveSharedImages(experiment, one, other);
}

/** Whether two names stand for the same part of one entry, however often it is repeated. */
export function areOneEntry(experiment: Experiment, one: string, other: string): boolean {
  const [a, b] = [imagesOf(experiment, one), imagesOf(experiment, other)];
  return a.of === b.of && a.heldOut === b.heldOut;
}

function imagesOf(experiment: Experiment, name: string): Images {
  const spec = experiment.entry('data', name);
  const { of: inner } = spec;
  if (typeof inner !== 'string') return { of: spec, heldOut: false };
  const images = imagesOf(experiment, inner);
  return spec.type === 'held-out' ? { ...images, heldOut: true } : images;
}

/** Whether two data sets have images in common: those of one source do, but for what one split of it parts. */
function areShared(one: Images, other: Images): boolean {
  const equal = (...options: string[]) =>
    options.every((option) => JSON.stringify(one.of[option]) === JSON.stringify(other.of[option]));
  if (!equal('type', 'root', 'list', 'test', ...(isDrawn(one) ? ['seed'] : []))) return false;
  const splits = [one.of['split'], other.of['split']];
  if (splits[0] !== splits[1] && !splits.includes('all')) return false;
  return one.heldOut === other.heldOut || !equal('limit', 'holdOut', 'seed');
}

function isDrawn({ of }: Images): boolean {
  return of['root'] === undefined;
}
