import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';

interface Judged {
  readonly file: string;
  /** The line where it begins, without its indentation. */
  readonly where: string;
  readonly from: string;
  readonly to: string;
  /** Why no input tells it from the original. */
  readonly why: string;
}

const EQUIVALENT = JSON.parse(readFileSync(join(import.meta.dirname, 'equivalent.json'), 'utf8')) as readonly Judged[];

/** Why a mutant is equivalent to the original, as somebody has judged; undefined: nobody has. */
export function whyEquivalent(mutant: Mutant): string | undefined {
  const same = (judged: Judged) =>
    (['file', 'where', 'from', 'to'] as const).every((field) => judged[field] === mutant[field]);
  return EQUIVALENT.find(same)?.why;
}
