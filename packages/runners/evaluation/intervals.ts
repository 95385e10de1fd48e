import { subjectOf } from '@dualprior/blocks';
import { Random } from '@dualprior/core';
import { toCsvText } from './csv.ts';
import { countSubjects } from '../inference/test-images.ts';

/** The ends of a 95 % confidence interval over the test images. */
export type Interval = readonly [low: number, high: number];

/** What each test image is worth in each column, for a method: values of the image, or contributions to the value of the set. */
export interface ImageValues {
  /** The names of the images; those of one subject (`subjectOf`) are drawn together. Absent: each is its own subject. */
  readonly names?: readonly string[];
  readonly columns: ReadonlyMap<string, readonly number[]>;
}

export const RESAMPLES = 2000;
/** The least number of images, those of one subject counted once, for an interval: with fewer, a percentile interval is too narrow. */
export const FEWEST_SUBJECTS = 10;
/** What is left out on each side. */
const TAIL = 0.025;

/**
 * Percentile bootstrap intervals over the test images (Efron 1979), of methods' values and of paired differences between methods: all
 * see the same resamples, so that what is hard about an image cancels. A face that was degraded several times is drawn with all its images,
 * as they are not independent. Images whose value is infinite are left out, of a difference those of either method. The same numbers give
 * the same intervals.
 */
export class Intervals {
  readonly #resampled = new Map<string, Float64Array>();

  constructor(private readonly methods: ReadonlyMap<string, ImageValues>) {}

  /** Undefined for a column without a value per image, and for finite values of fewer than `FEWEST_SUBJECTS`. */
  of(method: string, column: string): Interval | undefined {
    const means = this.#means(method, column);
    return means && between(means);
  }

  /**
   * Of `method` minus `other`, image by image: of the images of which both values are finite. Undefined where these are of fewer than
   * `FEWEST_SUBJECTS`, or where the two were not measured on the same images.
   */
  difference(method: string, other: string, column: string): Interval | undefined {
    const paired = this.#paired(method, other, column);
    if (!paired || subjectsIn(paired) < FEWEST_SUBJECTS) return undefined;
    if (!paired.isWhole) return between(resampledMeans(paired.values, paired.names));
    const [a, b] = [this.#means(method, column), this.#means(other, column)];
    return a && b && between(a.map((mean, i) => mean - b[i]!));
  }

  /**
   * The mean difference over the images that `difference` is of, where these are not all; undefined where they are: it then is the
   * difference of the table's values.
   */
  meanDifference(method: string, other: string, column: string): number | undefined {
    const paired = this.#paired(method, other, column);
    if (!paired || paired.isWhole) return undefined;
    return paired.values.reduce((sum, value) => sum + value, 0) / paired.values.length;
  }

  /** What is drawn for a value: images behind it, those of one subject counted once. */
  subjects(method: string, column: string): number {
    const values = this.#finite(method, column);
    return values ? subjectsIn(values) : 0;
  }

  /** Images behind a value. */
  count(method: string, column: string): number {
    return this.#finite(method, column)?.values.length ?? 0;
  }

  /** Images behind a difference; undefined where the two were not measured on the same ones. */
  pairedCount(method: string, other: string, column: string): number | undefined {
    return this.#paired(method, other, column)?.values.length;
  }

  /** The finite values of a column, with the names of their images. */
  #finite(method: string, column: string): Named | undefined {
    const { names, columns } = this.methods.get(method) ?? {};
    const values = columns?.get(column);
    return values && chosen({ names, values }, values.map(Number.isFinite));
  }

  /** The differences of the images of which both values are finite. */
  #paired(method: string, other: string, column: string): Paired | undefined {
    const [one, two] = [this.methods.get(method), this.methods.get(other)];
    const [a, b] = [one?.columns.get(column), two?.columns.get(column)];
    if (!a || !b || a.length !== b.length || !areSame(one!.names, two!.names)) return undefined;
    const kept = a.map((value, i) => Number.isFinite(value) && Number.isFinite(b[i]));
    const differences = a.map((value, i) => value - b[i]!);
    return { ...chosen({ names: one!.names, values: differences }, kept), isWhole: kept.every(Boolean) };
  }

  #means(method: string, column: string): Float64Array | undefined {
    const key = JSON.stringify([method, column]);
    const known = this.#resampled.get(key);
    if (known) return known;
    const finite = this.#finite(method, column);
    if (!finite || subjectsIn(finite) < FEWEST_SUBJECTS) return undefined;
    const means = resampledMeans(finite.values, finite.names);
    this.#resampled.set(key, means);
    return means;
  }
}

/** Values of images, with the names of these if they have some. */
interface Named {
  readonly names: readonly string[] | undefined;
  readonly values: readonly number[];
}

interface Paired extends Named {
  /** Whether no image is left out. */
  readonly isWhole: boolean;
}

function chosen({ names, values }: Named, kept: readonly boolean[]): Named {
  return { names: names?.filter((_, i) => kept[i]), values: values.filter((_, i) => kept[i]) };
}

function subjectsIn({ names, values }: Named): number {
  return names ? countSubjects({ length: names.length, name: (i) => names[i]! }) : values.length;
}

function areSame(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return !a || !b || a.every((name, i) => name === b[i]);
}

/** Means of values drawn with replacement, by subjects; which ones follows from the names and their count alone. */
function resampledMeans(values: readonly number[], names?: readonly string[]): Float64Array {
  const subjects = new Map<string | number, { sum: number; count: number }>();
  values.forEach((value, i) => {
    const subject = names ? subjectOf(names[i]!) : i;
    const { sum, count } = subjects.get(subject) ?? { sum: 0, count: 0 };
    subjects.set(subject, { sum: sum + value, count: count + 1 });
  });
  const drawn = [...subjects.values()];
  const stream = new Random(0).stream('bootstrap', drawn.length);
  const scale = drawn.length / 2 ** 32;
  return Float64Array.from({ length: RESAMPLES }, () => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < drawn.length; i++) {
      const subject = drawn[Math.floor(stream.uint32() * scale)]!;
      sum += subject.sum;
      count += subject.count;
    }
    return sum / count;
  });
}

/** The 95 % interval of resampled values, which are as many as `RESAMPLES`. */
export function between(means: Float64Array): Interval {
  const sorted = means.slice().sort();
  return [sorted[Math.floor(TAIL * RESAMPLES)]!, sorted[Math.ceil((1 - TAIL) * RESAMPLES) - 1]!];
}

/** One row of the table. */
interface Row {
  readonly method: string;
  readonly values: readonly number[];
}

/**
 * `evaluation/intervals.csv`: each value with its interval, and each difference between two rows (`method` minus `minus`) with that of the
 * paired differences.
 */
export function intervalsCsv(
  { columns, rows }: { readonly columns: readonly { readonly name: string }[]; readonly rows: readonly Row[] },
  intervals: Intervals,
): string {
  const cells = ([low, high]: Interval | readonly []) => [low ?? '', high ?? ''];
  const lines = columns.flatMap(({ name }, c) => [
    ...rows.map(({ method, values }) => {
      const images = intervals.count(method, name);
      return [name, method, '', values[c]!, ...cells(intervals.of(method, name) ?? []), images];
    }),
    ...rows.flatMap(({ method, values }, r) =>
      rows.slice(0, r).map((other) => {
        const value = intervals.meanDifference(method, other.method, name) ?? values[c]! - other.values[c]!;
        const ends = cells(intervals.difference(method, other.method, name) ?? []);
        const images = intervals.pairedCount(method, other.method, name) ?? intervals.count(method, name);
        return [name, method, other.method, value, ...ends, images];
      }),
    ),
  ]);
  return toCsvText([['column', 'method', 'minus', 'value', 'low', 'high', 'images'], ...lines]);
}
