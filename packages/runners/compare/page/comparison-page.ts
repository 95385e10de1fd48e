import { asset, wholePage } from '../../report/page/document.ts';
import { ImageStore } from '../../report/page/image-store.ts';
import type { RunComparison } from '../compare-runs.ts';
import { countOf, type ComparedVariant } from '../variants.ts';
import { claimsSection, type VariantClaims } from './claims-section.ts';
import { comparedCurves } from './curves.ts';
import { curvesSection } from './curves-section.ts';
import { comparedPictures } from './pictures.ts';
import { picturesSections } from './pictures-sections.ts';
import { resultsSection } from './results-section.ts';
import { runsSection } from './runs-section.ts';

/**
 * Runs beside each other as one page, like the report of a run.
 * @param folder in which it will lie: it links to the reports of the runs
 * @param claims how those of the variants stand over seeds
 * Errors: `UserError` for an image of a run that is damaged.
 */
export async function comparisonPage(
  comparison: RunComparison,
  title: string,
  folder: string,
  claims: readonly VariantClaims[] = [],
): Promise<string> {
  const { variants } = comparison;
  const images = new ImageStore();
  const columns = variants.length > 1 ? variants : bySeed(variants[0]!);
  const sections = [
    resultsSection(comparison),
    claimsSection(claims, comparison.columns),
    ...(await picturesSections(comparedPictures(columns), images)),
    curvesSection(await comparedCurves(columns)),
    runsSection(variants, folder),
  ].filter((section) => section !== undefined);
  const style = asset('style.css', import.meta.url);
  return wholePage({ kind: 'Comparison', title, lead: `${countOf(variants)}.`, sections, images, style });
}

/** Splits a single variant by seeds, which are then compared. */
function bySeed({ runs, options }: ComparedVariant): ComparedVariant[] {
  return runs.map((run) => ({ name: `seed ${run.seed}`, options, runs: [run] }));
}
