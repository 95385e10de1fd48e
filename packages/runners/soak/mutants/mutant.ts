import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import type { Stream } from '@dualprior/core';
import { ROOT } from '../../../../tools/setup/places.mjs';
import { keyOf, words } from './plugin.mjs';

/** One small change of one product file. */
export interface Mutant {
  /** Below the repository. */
  readonly file: string;
  /** Tells it apart from all others of the file. */
  readonly key: string;
  /** SHA-256 of the file, so that what was found holds for this text only. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** As Stryker names it: `3:4-3:9`, lines from 1, columns from 0. */
  readonly range: string;
  /** The line of the file where it begins, without its indentation. */
  readonly where: string;
  readonly from: string;
  readonly to: string;
}

const silent = () => {};
const logger = {
  ...{ trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent },
  ...{ isTraceEnabled: () => false, isDebugEnabled: () => false, isInfoEnabled: () => false },
  ...{ isWarnEnabled: () => false, isErrorEnabled: () => false, isFatalEnabled: () => false },
};

/** All mutants of some files that Stryker makes, but of words for users, in the order of the text. */
export async function mutantsOf(files: readonly string[]): Promise<Mutant[]> {
  const instrumenter = new Instrumenter(logger);
  const all: Mutant[] = [];
  for (const file of files) {
    const content = readFileSync(join(ROOT, file), 'utf8');
    const sources = [{ name: file, mutate: true, content }];
    const options = { plugins: null, excludedMutations: [], ignorers: [words] };
    const { mutants } = await instrumenter.instrument(sources, options);
    const lines = content.split('\n');
    const text = createHash('sha256').update(content).digest('hex');
    for (const mutant of mutants.filter(({ status }) => status === undefined)) {
      const { start, end } = mutant.location;
      all.push({
        file,
        key: keyOf(mutant),
        text,
        line: start.line + 1,
        range: `${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`,
        where: lines[start.line]!.trim(),
        from: between(lines, start, end),
        to: mutant.replacement,
      });
    }
  }
  return all;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

function between(lines: readonly string[], start: Position, end: Position): string {
  const part = lines.slice(start.line, end.line + 1);
  part[part.length - 1] = part.at(-1)!.slice(0, end.column);
  part[0] = part[0]!.slice(start.column);
  return part.join('\n');
}

/** Some of them, each as likely as any other, in the order of the text. */
export function draw(mutants: readonly Mutant[], count: number, stream: Stream): Mutant[] {
  const chosen = stream.permutation(mutants.length).slice(0, count);
  return chosen.sort((a, b) => a - b).map((i) => mutants[i]!);
}

/** `packages/core/random/stream.ts:61: i > 0 -> i >= 0`. */
export function describeMutant({ file, line, from, to }: Mutant): string {
  const short = (code: string) => {
    const text = code.replace(/\s+/g, ' ');
    return text.length > 120 ? `${text.slice(0, 117)}...` : text;
  };
  return `${file}:${line}: ${short(from)} -> ${short(to)}`;
}
