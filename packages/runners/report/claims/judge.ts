import type { Column } from '@dualprior/blocks';
import type { Claim, Condition } from './claim.ts';

/** The verdict of a whole is the first of these that one of its parts has. */
export const WEAKEST_FIRST = ['does not hold', 'not decided', 'holds'] as const;

export type Verdict = (typeof WEAKEST_FIRST)[number];

/** How far one method is ahead of another by a column, in the units of the column: positive where its value is the better one. */
export interface Lead {
  readonly value: number;
  /** 95 % confidence interval over the test images; undefined where there is none. */
  readonly interval: readonly [low: number, high: number] | undefined;
}

/** What claims are judged by. */
export interface Evidence {
  readonly methods: readonly string[];
  readonly columns: readonly Column[];
  /** Names of the columns that so few images put far off. */
  readonly tooFew: readonly string[];
  /** Undefined where a value is missing or not finite. */
  lead(column: Column, method: string, other: string): Lead | undefined;
}

/** One method against one other by one column. */
export interface Comparison {
  readonly column: string;
  readonly method: string;
  readonly other: string;
  readonly relation: Condition['relation'];
  readonly by: number;
  readonly lead: Lead | undefined;
  /** Whether so few images put the column far off: it can contradict others, but not decide. */
  readonly tooFew: boolean;
  readonly verdict: Verdict;
}

export interface Judgement {
  readonly name: string;
  readonly claim: Claim;
  readonly verdict: Verdict;
  /** What the table lacks to judge all of the claim, for display. */
  readonly lacks: readonly string[];
  readonly comparisons: readonly Comparison[];
}

/**
 * A claim holds where every comparison does, with its whole confidence interval; it does not hold where one fails with its whole interval
 * by every column that the condition names. It is not decided where an interval holds the threshold or there is none, where columns
 * disagree, or where a method or column is missing. A column that so few images put far off decides nothing, but can disagree.
 */
export function judge(name: string, claim: Claim, evidence: Evidence): Judgement {
  const has = (method: string) => evidence.methods.includes(method);
  const missing = [...new Set([...claim.methods, ...claim.against])].filter((method) => !has(method));
  const pairs = claim.methods
    .filter(has)
    .flatMap((method) =>
      claim.against.filter((other) => has(other) && other !== method).map((other) => [method, other]),
    );
  const verdicts: Verdict[] = missing.length > 0 ? ['not decided'] : [];
  const lacks = missing.length > 0 ? [`no row ${missing.join(', ')}`] : [];
  const comparisons: Comparison[] = [];
  for (const condition of claim.conditions) {
    const columns = columnsFor(condition, evidence);
    if (columns.length === 0) {
      lacks.push(`no column ${[condition.metric, ...condition.beside].join(' or ')}`);
      verdicts.push('not decided');
    }
    for (const [method, other] of pairs) {
      const compared = columns.map((column) => compare(column, method!, other!, condition, evidence));
      comparisons.push(...compared);
      if (compared.length > 0) verdicts.push(unanimous(compared));
    }
  }
  return { name, claim, verdict: weakest(verdicts), lacks, comparisons };
}

function columnsFor({ metric, beside }: Condition, { columns }: Evidence): Column[] {
  return [metric, ...beside].flatMap((name) => columns.filter((column) => column.name === name));
}

function compare(column: Column, method: string, other: string, condition: Condition, evidence: Evidence): Comparison {
  const { relation, by } = condition;
  const { name } = column;
  const lead = evidence.lead(column, method, other);
  const tooFew = evidence.tooFew.includes(name);
  return { column: name, method, other, relation, by, lead, tooFew, verdict: decide(lead, relation, by) };
}

function decide(lead: Lead | undefined, relation: Condition['relation'], by: number): Verdict {
  if (!lead?.interval) return 'not decided';
  const [low, high] = aheadBy(lead.interval, relation);
  // "Better" without a margin means strictly so.
  if (by === 0 ? low > 0 : low >= by) return 'holds';
  return high < by || (by === 0 && high === 0 && low === 0) ? 'does not hold' : 'not decided';
}

/** The interval in the claim's own sense: positive where it is as the claim says. */
export function aheadBy([low, high]: readonly [number, number], relation: Condition['relation']): [number, number] {
  return relation === 'better' ? [low, high] : [-high, -low];
}

function unanimous(comparisons: readonly Comparison[]): Verdict {
  const verdict = comparisons.find(({ tooFew }) => !tooFew)?.verdict ?? 'not decided';
  const agrees = (each: Comparison) => each.verdict === verdict || (each.tooFew && each.verdict === 'not decided');
  return comparisons.every(agrees) ? verdict : 'not decided';
}

function weakest(verdicts: readonly Verdict[]): Verdict {
  return WEAKEST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'not decided';
}
