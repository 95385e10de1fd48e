import { Kind } from '@dualprior/core';
import type { Image } from '../data/image.ts';

/** One column of the table. */
export interface Column {
  readonly name: string;
  readonly better: 'higher' | 'lower';
  /** Digits after the point in tables. */
  readonly digits: number;
}

/** A metric of restored against sharp images, both 8-bit as files would hold them. */
export interface Metric {
  readonly columns: readonly Column[];
  /** Values of one pair, one for each column, as float64; the method's row is their mean over images. */
  measure(restored: Image, sharp: Image): number[] | Promise<number[]>;
  /** Smallest side of the images that it measures; any if absent. */
  readonly minimumSide?: number;
  /** Makes ready what needs the disk (weights), before anything is measured. May be called again. */
  prepare?(): Promise<void>;
  /** Frees what `prepare` made. */
  dispose?(): void;
}

export const metrics = new Kind<Metric>('metric');
