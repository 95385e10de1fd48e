import { asset, wholePage } from '../../report/page/document.ts';
import { ImageStore } from '../../report/page/image-store.ts';
import type { RunComparison } from '../compare-runs.ts';
import { countOf } from '../variants.ts';
import { comparedCurves } from './curves.ts';
import { curvesSection } from './curves-section.ts';
import { comparedPictures } from './pictures.ts';
import { picturesSections } from './pictures-sections.ts';
import { resultsSection } from './results-section.ts';
import { runsSection } from './runs-section.ts';

/**
 * Runs beside each other as one page, like the report of a run.
 * @param folder in which it will lie: it links to the reports of the runs
 * Errors: `UserError` for an image of a run that is damaged.
 */
export async function comparisonPage(comparison: RunComparison, title: string, folder: string): Promise<string> {
  const { variants } = comparison;
  const images = new ImageStore();
  const sections = [
    resultsSection(comparison),
    ...(await picturesSections(comparedPictures(variants), images)),
    curvesSection(await comparedCurves(variants)),
    runsSection(variants, folder),
  ].filter((section) => section !== undefined);
  const style = asset('style.css', import.meta.url);
  return wholePage({ kind: 'Comparison', title, lead: `${countOf(variants)}.`, sections, images, style });
}
