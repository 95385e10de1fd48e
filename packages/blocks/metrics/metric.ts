import { catalogue, Kind, type Option } from '@dualprior/core';
import type { Image } from '../images/image.ts';
import type { ImageVectors } from './sets/image-vectors.ts';
import type { Vectors } from './sets/vectors.ts';

/** One column of the table. */
export interface Column {
  readonly name: string;
  readonly better: 'higher' | 'lower';
  /** Digits after the point in tables. */
  readonly digits: number;
  /** The images for which it is infinite; by default `images that equal the sharp one`. */
  readonly infiniteOf?: string;
}

interface Measure {
  readonly columns: readonly Column[];
  /** Smallest side of the images that it measures; any if absent. */
  readonly minimumSide?: number;
  /** Makes ready what needs the disk (weights), before anything is measured. May be called again. */
  prepare?(): Promise<void>;
  /** Frees what `prepare` made. */
  dispose?(): void;
}

/** A metric of a restored against its sharp image, both 8-bit as files would hold them. */
export interface ImageMetric extends Measure {
  /**
   * Values of one pair, one for each column, as float64; the method's row is the mean over images of those that are finite. `Infinity`
   * where the images are too much alike for a finite value (PSNR of equal ones): such images are counted beside the mean. Never NaN.
   */
  measure(restored: Image, sharp: Image): number[] | Promise<number[]>;
}

/** A metric of a restored image alone. */
export interface NoReferenceMetric extends Measure {
  /** As `ImageMetric.measure`; `Infinity` for an image of which it has no value. */
  rate(restored: Image): number[] | Promise<number[]>;
}

/** A metric of all restored against all sharp images. */
export interface SetMetric extends Measure {
  /** What the images are compared by; metrics whose vectors have equal keys share them. */
  readonly vectors: ImageVectors;
  /** Count of different sharp images that it needs. */
  readonly minimumImages: number;
  /**
   * Values of the columns. Row i of both sets is test image i; the sharp ones are the same object for all methods of a table, so that what
   * follows from them alone can be kept. Errors: `UserError` for fewer than two images.
   */
  compare(restored: Vectors, sharp: Vectors): SetValue[];
  /** What a reader of the table must know of it, a sentence each. */
  remarks(table: MeasuredTable): SetRemarks;
}

/** The value of a column for a set of images. */
export interface SetValue {
  readonly value: number;
  /**
   * The value as a mean over the images: `value` plus what the value changes by if the image counts for more, to first order. Their
   * spread gives the value's confidence interval, and that of paired differences between methods.
   */
  readonly contributions: Float64Array;
}

/** The table that a metric stands in. */
export interface MeasuredTable {
  /** Count of test images. */
  readonly images: number;
  /** Count of the different sharp images among them: a face that is degraded several times is one. */
  readonly different: number;
  /** Names of all columns. */
  readonly columns: readonly string[];
}

/** `the 384 sharp test images, 128 of them different`. */
export function sharpImages({ images, different }: MeasuredTable): string {
  return `the ${images} sharp test images${different < images ? `, ${different} of them different` : ''}`;
}

export interface SetRemarks {
  /** Extractor, resizing, counts. */
  readonly notes: readonly string[];
  /** What makes its figures less to be trusted. */
  readonly warnings: readonly string[];
  /** Its columns that so few images put far off: shown, but no claim is decided by them. */
  readonly tooFew?: readonly string[];
}

export type Metric = ImageMetric | NoReferenceMetric | SetMetric;

export function isSetMetric(metric: Metric): metric is SetMetric {
  return 'compare' in metric;
}

/** Whether it looks at restored images alone, so that it needs no sharp ones. */
export function isNoReference(metric: Metric): metric is NoReferenceMetric {
  return 'rate' in metric;
}

/** The values of one image. Errors: the metric needs the sharp image, and there is none. */
export async function measureImage(
  metric: ImageMetric | NoReferenceMetric,
  restored: Image,
  sharp: Image | undefined,
): Promise<number[]> {
  if (isNoReference(metric)) return metric.rate(restored);
  if (!sharp) throw new Error('A metric that compares was given no sharp image.');
  return metric.measure(restored, sharp);
}

/** What the options of a metric say (`Declaration.about`). */
export interface MetricFacts {
  /** The option with a file of statistics that it compares with instead of the sharp test images, which do where there is none. */
  readonly statistics?: Option<string | undefined>;
  /** As `SetMetric.minimumImages`, where that is more than two. */
  readonly minimumImages?: number;
}

export const metrics = new Kind<Metric, MetricFacts>('metric', { facts: {} });

/** The class of a metric. */
interface MetricClass {
  /** Names of the columns that it has by some options or other. */
  readonly possibleColumns: readonly string[];
}

/** Names of the columns that the metrics of this process have by some options or other. */
export function possibleColumns(): string[] {
  return catalogue
    .components(metrics.name)
    .flatMap(({ create }) => (create as Partial<MetricClass>).possibleColumns ?? []);
}
