import type { Column } from '@dualprior/blocks';
import { aheadBy, WEAKEST_FIRST, type Comparison, type Judgement, type Lead } from './judge.ts';

/** One line a claim: `C3 holds: "Ours is far above ..." (paper: ...). Ours is 4.12 better than GPEN in psnr [95 % interval 3.80 to 4.44]; ...` */
export function judgementLine(judgement: Judgement, columns: readonly Column[]): string {
  const { name, claim, verdict, lacks, comparisons } = judgement;
  const paper = claim.paper === undefined ? '' : ` (paper: ${claim.paper})`;
  const missing = lacks.length > 0 ? ` The table has ${lacks.join(' and ')}.` : '';
  const numbers = comparisons.length > 0 ? ` ${tightest(comparisons, columns)}.` : '';
  const stands = verdict === 'not decided' ? 'is not decided' : verdict;
  return `${name} ${stands}${why(judgement)}: "${claim.text}"${paper}.${missing}${numbers}`;
}

/** Why a claim is not decided: ` (its metrics disagree)`; empty if it is decided. */
export function why({ verdict, lacks, comparisons }: Judgement): string {
  if (verdict !== 'not decided' || lacks.length > 0) return '';
  const deciding = comparisons.filter(({ tooFew }) => !tooFew);
  if (deciding.some(({ lead }) => !lead)) return ' (a value is missing)';
  if (deciding.length === 0 || deciding.some((each) => each.verdict === 'not decided')) return ' (too few images)';
  return ' (its metrics disagree)';
}

/** The comparison of each column that is nearest to fail, or fails by most. */
export function tightest(comparisons: readonly Comparison[], columns: readonly Column[]): string {
  const found = new Map<string, Comparison>();
  for (const each of comparisons) {
    const known = found.get(each.column);
    if (!known || isTighter(each, known)) found.set(each.column, each);
  }
  return [...found.values()].map((each) => comparisonText(each, columns)).join('; ');
}

/** `Ours is 4.12 better than GPEN in psnr [95 % interval 3.80 to 4.44]`. */
export function comparisonText(
  { column, method, other, lead, tooFew }: Comparison,
  columns: readonly Column[],
): string {
  const { digits } = columns.find(({ name }) => name === column)!;
  const doubt = tooFew ? ' (too few images to decide)' : '';
  if (!lead) return `${method} cannot be compared with ${other} in ${column}${doubt}`;
  return `${method} is ${sizeText(lead, digits)} than ${other} in ${column} [${intervalText(lead, digits)}]${doubt}`;
}

/** What the claim needs: `must be better by 3.00`, `may be worse by 1.50`. */
export function needText({ relation, by, column }: Comparison, columns: readonly Column[]): string {
  const { digits } = columns.find(({ name }) => name === column)!;
  const other = relation === 'better' ? 'worse' : 'better';
  if (by === 0) return `must be ${relation}`;
  return by > 0 ? `must be ${relation} by ${by.toFixed(digits)}` : `may be ${other} by ${(-by).toFixed(digits)}`;
}

/** `4.12 better` */
function sizeText({ value }: Lead, digits: number): string {
  return `${Math.abs(value).toFixed(digits)} ${value < 0 ? 'worse' : 'better'}`;
}

/** `95 % interval 3.80 to 4.44`, of what the size says: where that is worse, positive bounds are worse. */
function intervalText({ value, interval }: Lead, digits: number): string {
  if (!interval) return 'no interval';
  const [low, high] = aheadBy(interval, value < 0 ? 'worse' : 'better').map((bound) => signed(bound, digits));
  return `95 % interval ${low} to ${high}`;
}

function isTighter(one: Comparison, other: Comparison): boolean {
  const rank = (each: Comparison) => WEAKEST_FIRST.indexOf(each.verdict);
  return rank(one) < rank(other) || (rank(one) === rank(other) && margin(one) < margin(other));
}

/** From the threshold to the nearer end of the interval. */
function margin({ lead, relation, by }: Comparison): number {
  if (!lead) return -Infinity;
  const [low] = aheadBy(lead.interval ?? [lead.value, lead.value], relation);
  return low - by;
}

function signed(value: number, digits: number): string {
  const size = Math.abs(value).toFixed(digits);
  return value < 0 && Number(size) > 0 ? `−${size}` : size;
}
