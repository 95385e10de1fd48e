import { dirname, resolve } from 'node:path';
import { makeFolder, systemReason, UserError } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import type { RunComparison } from './compare-runs.ts';
import type { VariantClaims } from './page/claims-section.ts';
import { comparisonPage } from './page/comparison-page.ts';

/** Writes a comparison as one page. Errors: `UserError` if it cannot be written, or an image of a run is damaged. */
export async function writePage(
  comparison: RunComparison,
  title: string,
  file: string,
  claims: readonly VariantClaims[] = [],
): Promise<string> {
  const path = resolve(file);
  const page = await comparisonPage(comparison, title, dirname(path), claims);
  try {
    makeFolder(dirname(path));
    writeFileAtomic.sync(path, page);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${systemReason(error) ?? (error as Error).message}.`);
  }
  return path;
}
