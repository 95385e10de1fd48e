import { subjectOf } from '@dualprior/blocks';
import { Random } from '@dualprior/core';
import { between, FEWEST_SUBJECTS, RESAMPLES, type Interval } from '../evaluation/intervals.ts';

/** What each image is worth in a column, by training: rows are seeds, columns images. */
export interface Trainings {
  readonly seeds: readonly number[];
  readonly values: readonly (readonly number[])[];
}

export interface PairedDifference {
  /** Mean over seeds and images of which all values are finite. */
  readonly value: number;
  /** The 95 % interval; undefined for fewer than `FEWEST_SUBJECTS`. */
  readonly interval: Interval | undefined;
  /** Images behind it. */
  readonly images: number;
}

/**
 * `one` minus `other` on the same images, with a percentile bootstrap interval (Efron 1979) that draws images and trainings: images of one
 * subject together, and seeds crossed with them; where both have the same seeds, seed by seed. With one seed each the interval is that of these
 * trainings only. The same numbers give the same interval.
 * @param names of the images
 */
export function pairedDifference(one: Trainings, other: Trainings, names: readonly string[]): PairedDifference {
  const kept = names.map((_, i) => [...one.values, ...other.values].every((row) => Number.isFinite(row[i])));
  const images = [...kept.keys()].filter((i) => kept[i]);
  const subjects = bySubject(images, names);
  const [a, b] = [sums(one, subjects), sums(other, subjects)];
  const sizes = subjects.map((members) => members.length);
  const every = Array.from({ length: subjects.length }, () => 1);
  const all = (rows: readonly unknown[]) => [...rows.keys()];
  const value = mean(a, all(a), every, sizes) - mean(b, all(b), every, sizes);
  const isPaired = one.seeds.length === other.seeds.length && one.seeds.every((seed) => other.seeds.includes(seed));
  const order = isPaired ? one.seeds.map((seed) => other.seeds.indexOf(seed)) : undefined;
  if (subjects.length < FEWEST_SUBJECTS) return { value, interval: undefined, images: images.length };
  const stream = new Random(0).stream('bootstrap over seeds and images', subjects.length, a.length, b.length);
  const differences = Float64Array.from({ length: RESAMPLES }, () => {
    const counts = new Array<number>(subjects.length).fill(0);
    for (let i = 0; i < subjects.length; i++) counts[stream.integer(subjects.length)]!++;
    const first = a.map(() => stream.integer(a.length));
    const second = order ? first.map((seed) => order[seed]!) : b.map(() => stream.integer(b.length));
    return mean(a, first, counts, sizes) - mean(b, second, counts, sizes);
  });
  return { value, interval: between(differences), images: images.length };
}

/** Indices of the images of each subject. */
function bySubject(images: readonly number[], names: readonly string[]): number[][] {
  const found = new Map<string, number[]>();
  for (const i of images) {
    const subject = subjectOf(names[i]!);
    found.set(subject, [...(found.get(subject) ?? []), i]);
  }
  return [...found.values()];
}

/** For each training the sums over the images of each subject. */
function sums({ values }: Trainings, subjects: readonly (readonly number[])[]): number[][] {
  return values.map((row) => subjects.map((members) => members.reduce((sum, i) => sum + row[i]!, 0)));
}

/** Mean over trainings and images, of subjects that are drawn so many times. */
function mean(
  rows: readonly (readonly number[])[],
  trainings: readonly number[],
  counts: readonly number[],
  sizes: readonly number[],
): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    count += counts[i]! * sizes[i]!;
    for (const training of trainings) sum += counts[i]! * rows[training]![i]!;
  }
  return sum / (count * trainings.length);
}
