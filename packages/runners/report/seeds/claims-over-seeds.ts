import type { Column } from '@dualprior/blocks';
import { overSeeds, type OverSeeds } from '../../evaluation/over-seeds.ts';
import type { Claim } from '../claims/claim.ts';
import { aheadBy, judge, WEAKEST_FIRST, type Comparison, type Judgement, type Verdict } from '../claims/judge.ts';
import type { SeedRun } from './seed-run.ts';

/** How a claim stands in the runs of all seeds, each judged by itself. */
export interface ClaimOverSeeds {
  readonly name: string;
  readonly text: string;
  /** In so many of `of` runs. */
  readonly holds: number;
  readonly of: number;
  readonly verdicts: readonly { readonly seed: number; readonly verdict: Verdict }[];
  /** For each column the comparison that is nearest to fail, or fails by most, on average. */
  readonly leads: readonly LeadOverSeeds[];
}

/** How far one method is ahead of another, over seeds. */
interface LeadOverSeeds extends OverSeeds {
  readonly column: string;
  readonly method: string;
  readonly other: string;
}

/** @param runs at least one */
export function claimsOverSeeds(claims: Readonly<Record<string, Claim>>, runs: readonly SeedRun[]): ClaimOverSeeds[] {
  return Object.entries(claims).map(([name, claim]) => {
    const judged = runs.map(({ seed, evidence }) => ({ seed, judgement: judge(name, claim, evidence) }));
    const verdicts = judged.map(({ seed, judgement: { verdict } }) => ({ seed, verdict }));
    return {
      name,
      text: claim.text,
      holds: verdicts.filter(({ verdict }) => verdict === 'holds').length,
      of: runs.length,
      verdicts,
      leads: leadsOf(judged.map(({ judgement }) => judgement)),
    };
  });
}

function leadsOf(judgements: readonly Judgement[]): LeadOverSeeds[] {
  const tightest = new Map<string, LeadOverSeeds & { readonly margin: number }>();
  for (const compared of judgements[0]!.comparisons) {
    const all = judgements.flatMap(({ comparisons }) => comparisons.filter((each) => isSame(each, compared)));
    const values = all.flatMap(({ lead }) => lead?.value ?? []);
    if (values.length < judgements.length) continue; // one is missing
    const over = overSeeds(values);
    const { column, method, other, relation, by } = compared;
    const margin = Math.min(...aheadBy([over.mean, over.mean], relation)) - by;
    const known = tightest.get(column);
    if (!known || margin < known.margin) tightest.set(column, { column, method, other, ...over, margin });
  }
  return [...tightest.values()].map(({ margin: _margin, ...lead }) => lead);
}

function isSame(a: Comparison, b: Comparison): boolean {
  return (['column', 'method', 'other', 'relation', 'by'] as const).every((key) => a[key] === b[key]);
}

/** `C2 holds in 2 of 3 seeds (not decided: seed 1): "Ours is best". Ours is 1.20 ± 0.10 better than NAFNet in psnr.` */
export function overSeedsLine(claim: ClaimOverSeeds, columns: readonly Column[]): string {
  const { text } = claim;
  const leads = claim.leads.map((lead) => leadText(lead, columns)).join('; ');
  return `${standing(claim)}: "${text}".${leads && ` ${leads}.`}`;
}

/** `C2 holds in 1 of 3 seeds (not decided: seeds 1, 2)` */
export function standing({ name, holds, of, verdicts }: ClaimOverSeeds): string {
  const others = WEAKEST_FIRST.filter((verdict) => verdict !== 'holds').flatMap((verdict) => {
    const seeds = verdicts.filter((each) => each.verdict === verdict).map(({ seed }) => seed);
    return seeds.length > 0 ? [`${verdict}: seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')}`] : [];
  });
  return `${name} holds in ${holds} of ${of} seeds${others.length > 0 ? ` (${others.join('; ')})` : ''}`;
}

/** `Ours is 1.20 ± 0.10 better than NAFNet in psnr` */
export function leadText(
  { column, method, other, mean, deviation }: LeadOverSeeds,
  columns: readonly Column[],
): string {
  const { digits } = columns.find(({ name }) => name === column)!;
  const size = [Math.abs(mean), ...(deviation === undefined ? [] : [deviation])].map((value) => value.toFixed(digits));
  return `${method} is ${size.join(' ± ')} ${mean < 0 ? 'worse' : 'better'} than ${other} in ${column}`;
}
