import { counted } from '@dualprior/core';
import type { ComparedVariant } from '../variants.ts';

/** What a page shows, so that it stays small enough to open and to send. */
export const MOST = {
  /** Image files. */
  images: 240,
  /** The maximum number of variants in one chart: more cannot be distinguished. */
  curves: 8,
  /** Trainings of a variant of which curves are drawn. */
  seeds: 5,
} as const;

/** The first ones, and a sentence about the others. @param what of which there are too many: `curves` */
export function firstVariants(
  variants: readonly ComparedVariant[],
  most: number,
  what: string,
): { readonly shown: readonly ComparedVariant[]; readonly leftOut: readonly string[] } {
  const shown = variants.slice(0, Math.max(1, most));
  const left = variants.length - shown.length;
  if (left === 0) return { shown, leftOut: [] };
  return {
    shown,
    leftOut: [`The ${what} of ${counted(left, 'variant')} are left out, from "${variants[shown.length]!.name}" on.`],
  };
}
