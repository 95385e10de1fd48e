import type { Column } from '@dualprior/blocks';
import type { PairedDifference } from './resample.ts';

/** `+0.12 [+0.05, +0.20] better` */
export function showDifference(difference: PairedDifference | undefined, column: Column): string {
  if (!difference) return '–';
  const verdict = verdictOf(difference, column);
  if (verdict === 'the same') return verdict;
  return [numbersOf(difference, column), verdict].filter(Boolean).join(' ');
}

/** `+0.12 [+0.05, +0.20]` */
export function numbersOf({ value, interval }: PairedDifference, { digits }: Column): string {
  const signed = (number: number) => `${number >= 0 ? '+' : '−'}${Math.abs(number).toFixed(digits)}`;
  return interval ? `${signed(value)} [${interval.map(signed).join(', ')}]` : signed(value);
}

/** Better or worse where the interval leaves out 0; undefined where that is open. */
export function verdictOf(
  { value, interval }: PairedDifference,
  { better }: Column,
): 'better' | 'worse' | 'the same' | undefined {
  if (value === 0 && (!interval || interval.every((end) => end === 0))) return 'the same';
  const [low, high] = interval ?? [-Infinity, Infinity];
  if (low > 0) return better === 'higher' ? 'better' : 'worse';
  if (high < 0) return better === 'lower' ? 'better' : 'worse';
  return undefined;
}
