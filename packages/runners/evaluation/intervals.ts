import { subjectOf } from '@dualprior/blocks';
import { Random } from '@dualprior/core';
import { toCsvText } from './csv.ts';
import { countSubjects } from './test-images.ts';

/** The ends of a 95 % confidence interval over the test images. */
export type Interval = readonly [low: number, high: number];

/** What each test image is worth in each column, for a method: values of the image, or contributions to the value of the set. */
export interface ImageValues {
  /** Of the images; those of one subject (`subjectOf`) are drawn together. Absent: each stands for itself. */
  readonly names?: readonly string[];
  readonly columns: ReadonlyMap<string, readonly number[]>;
}

const RESAMPLES = 2000;
/** What is left out on each side. */
const TAIL = 0.025;

/**
 * Percentile bootstrap intervals over the test images (Efron 1979), of methods' values and of paired differences between methods: all
 * see the same resamples, so that what is hard about an image cancels. A face that was degraded several times is drawn with all its images,
 * as they are not independent. The same numbers give the same intervals.
 */
export class Intervals {
  readonly #resampled = new Map<string, Float64Array>();

  constructor(private readonly methods: ReadonlyMap<string, ImageValues>) {}

  /** Undefined for a column without a value an image, for images of a single subject, and where values are not finite. */
  of(method: string, column: string): Interval | undefined {
    const means = this.#means(method, column);
    return means && between(means);
  }

  /** Of `method` minus `other`, image by image. Undefined as above, or where they were not measured on the same images. */
  difference(method: string, other: string, column: string): Interval | undefined {
    if (this.count(method, column) !== this.count(other, column) || !this.#sameImages(method, other)) return undefined;
    const [a, b] = [this.#means(method, column), this.#means(other, column)];
    return a && b && between(a.map((mean, i) => mean - b[i]!));
  }

  #sameImages(method: string, other: string): boolean {
    const [a, b] = [this.methods.get(method)?.names, this.methods.get(other)?.names];
    return !a || !b || a.every((name, i) => name === b[i]);
  }

  /** What is drawn: images behind a value, those of one subject counted once. */
  subjects(method: string, column: string): number {
    const { names } = this.methods.get(method) ?? {};
    const count = this.count(method, column);
    return names && count > 0 ? countSubjects({ length: names.length, name: (i) => names[i]! }) : count;
  }

  /** Images behind a value. */
  count(method: string, column: string): number {
    return this.#values(method, column)?.length ?? 0;
  }

  #values(method: string, column: string): readonly number[] | undefined {
    return this.methods.get(method)?.columns.get(column);
  }

  #means(method: string, column: string): Float64Array | undefined {
    const values = this.#values(method, column);
    const key = JSON.stringify([method, column]);
    const known = this.#resampled.get(key);
    if (known) return known;
    if (!values || this.subjects(method, column) < 2 || !values.every(Number.isFinite)) return undefined;
    const means = resampledMeans(values, this.methods.get(method)?.names);
    this.#resampled.set(key, means);
    return means;
  }
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

function between(means: Float64Array): Interval {
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
        const images = intervals.count(method, name);
        const ends = cells(intervals.difference(method, other.method, name) ?? []);
        return [name, method, other.method, values[c]! - other.values[c]!, ...ends, images];
      }),
    ),
  ]);
  return toCsvText([['column', 'method', 'minus', 'value', 'low', 'high', 'images'], ...lines]);
}
