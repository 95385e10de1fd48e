import { datasets, type OwnImages } from '@dualprior/blocks';
import type { ComponentSpec, Experiment } from '@dualprior/core';

/** The images of a data set: the one that they lie in, and whether they are those which that one holds out. */
interface Images {
  readonly of: ComponentSpec;
  readonly own: OwnImages;
  readonly heldOut: boolean;
}

/** Whether two data sets have images in common, as far as their options tell. */
export function haveSharedImages(experiment: Experiment, one: string, other: string): boolean {
  return areShared(imagesOf(experiment, one), imagesOf(experiment, other));
}

/** Whether two data sets are drawn and have drawings in common. */
export function areDrawnAlike(experiment: Experiment, one: string, other: string): boolean {
  return imagesOf(experiment, one).own.files.length === 0 && haveSharedImages(experiment, one, other);
}

/** Whether two names stand for the same part of one entry, however often it is repeated. */
export function areOneEntry(experiment: Experiment, one: string, other: string): boolean {
  const [a, b] = [imagesOf(experiment, one), imagesOf(experiment, other)];
  return a.of === b.of && a.heldOut === b.heldOut;
}

function imagesOf(experiment: Experiment, name: string): Images {
  const of = experiment.entry('data', name);
  const facts = datasets.about(of);
  if (!('of' in facts)) return { of, own: facts, heldOut: false };
  const images = imagesOf(experiment, facts.of);
  return facts.heldOut ? { ...images, heldOut: true } : images;
}

/** Whether two data sets have images in common: those of one source do, but for what one split of it parts. */
function areShared(one: Images, other: Images): boolean {
  const equal = (aspect: (images: OwnImages) => unknown) =>
    JSON.stringify(aspect(one.own)) === JSON.stringify(aspect(other.own));
  if (one.of.type !== other.of.type || !equal(({ source }) => source)) return false;
  const [split, otherSplit] = [one.own.split, other.own.split];
  if (split !== undefined && otherSplit !== undefined && split !== otherSplit) return false;
  return one.heldOut === other.heldOut || !equal(({ limit, holdOut, seed }) => [limit, holdOut, seed]);
}
