import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SoakFailure, SoakOptions, SoakResult } from '../soak.ts';
import type { Judge } from './judge.ts';

export interface MadeFile<Content = string | Uint8Array> {
  readonly name: string;
  readonly content: Content;
}

/** Makes files, one after the other, and has each judged; those that failed stay in the folder as `failure-I-NAME`. */
export async function tryFiles(
  make: (i: number) => MadeFile,
  judge: Judge,
  { count, folder, progress, signal }: Omit<SoakOptions, 'random' | 'log'>,
): Promise<SoakResult> {
  const counts: Record<string, number> = {};
  const failures: SoakFailure[] = [];
  try {
    for (let i = 0; i < count && !signal.aborted; i++) {
      const { name, content } = make(i);
      const tried = join(folder, `tried-${name}`);
      writeFileSync(tried, content);
      const { outcome, failed } = await judge.verdict(tried);
      if (failed && signal.aborted) break; // Ctrl-C ends the judge's process too
      if (failed) {
        const reproduction = join(folder, `failure-${i}-${name}`);
        copyFileSync(tried, reproduction);
        failures.push({ message: `${name}: ${outcome}`, reproduction });
      } else counts[outcome] = (counts[outcome] ?? 0) + 1;
      rmSync(tried);
      progress(i + 1);
    }
  } finally {
    judge.end();
  }
  return { counts, failures };
}
