import { INPUT } from '../evaluation/results.ts';
import type { ComparedRun } from './read-run.ts';

/** How far values of one image may be apart on two machines, relative. */
const ROUNDING = 1e-3;

/**
 * Why two runs were not measured on the same test images; undefined where they were. The same are images of the same names whose degraded
 * input is worth the same in every column that both runs have.
 */
export function imagesDiffer(one: ComparedRun, other: ComparedRun): string | undefined {
  const [a, b] = [one, other].map(({ methods }) => [...methods.values()][0]!.images.names);
  if (a!.length !== b!.length) return `it has ${a!.length} of them, not ${b!.length}`;
  const renamed = a!.findIndex((name, i) => name !== b![i]);
  if (renamed >= 0) return `image ${renamed + 1} is ${a![renamed]}, not ${b![renamed]}`;
  const [own, others] = [one, other].map(({ methods }) => methods.get(INPUT)?.images.columns);
  for (const [column, values] of own ?? []) {
    const expected = others?.get(column);
    const different = expected ? values.findIndex((value, i) => !isNear(value, expected[i]!)) : -1;
    if (different >= 0) {
      const [found, before] = [values[different]!, expected![different]!].map((value) => Number(value.toPrecision(4)));
      return `${a![different]} is degraded in another way: its ${column} is ${found}, not ${before}`;
    }
  }
  return undefined;
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b));
}
