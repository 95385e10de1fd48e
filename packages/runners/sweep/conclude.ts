import { join } from 'node:path';
import { UserError, type Log, type Sweep } from '@dualprior/core';
import { compareRuns, type RunComparison } from '../compare/compare-runs.ts';
import { readRuns } from '../compare/read-run.ts';
import type { VariantClaims } from '../compare/page/claims-section.ts';
import { BASE } from '../compare/variants.ts';
import { writePage } from '../compare/write-page.ts';
import { writeOverSeeds, type FinishedRun } from '../report/seeds/write-over-seeds.ts';
import { runsFolderOf } from '../store/places.ts';

/** What the runs of a sweep say together. */
export interface Conclusion {
  /** The comparison of the runs that ended; absent if none did, or if nothing is evaluated. */
  readonly comparison?: RunComparison;
  /** By variant, how its claims stand in the runs of all seeds; without variants that have no claims, or ended with one seed only. */
  readonly overSeeds: readonly VariantClaims[];
  /** The page with the comparison; null where there is none. */
  readonly page: string | null;
}

/** Compares the runs that ended, writes the page, and makes the reports of runs with several seeds cover all of them. Failures here are reported as warnings; the runs stay. */
export async function conclude(
  sweep: Sweep,
  outcomes: readonly { readonly runDir: string | null }[],
  { runs, console }: { readonly runs?: string | undefined; readonly console: Log },
): Promise<Conclusion> {
  const { base, variants } = sweep;
  const ended = variants.flatMap(({ name, experiment }, i) => {
    const path = outcomes[i]!.runDir;
    return path === null ? [] : [{ name: name || BASE, experiment, path }];
  });
  if (!base.config.evaluation || ended.length === 0) return { overSeeds: [], page: null };
  const names = new Map(ended.map(({ path, name }) => [path, name]));
  const comparison = compareRuns(readRuns(ended.map(({ path }) => path)), names);
  const overSeeds: VariantClaims[] = [];
  for (const [variant, members] of byVariant(ended)) {
    const claims = members.length > 1 ? await orWarn(() => writeOverSeeds(members), console) : undefined;
    if (claims && claims.length > 0) overSeeds.push({ variant, claims });
  }
  if (variants.length === 1) return { comparison, overSeeds, page: null }; // its report is its page
  const file = join(runs ?? runsFolderOf(base.file), `${base.config.name}-comparison.html`);
  const page = await orWarn(() => writePage(comparison, base.name, file, overSeeds), console);
  return { comparison, overSeeds, page: page ?? null };
}

function byVariant(ended: readonly (FinishedRun & { readonly name: string })[]): Map<string, FinishedRun[]> {
  const found = new Map<string, FinishedRun[]>();
  for (const { name, ...run } of ended) found.set(name, [...(found.get(name) ?? []), run]);
  return found;
}

async function orWarn<T>(work: () => Promise<T>, console: Log): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.warn(error.message);
    return undefined;
  }
}
