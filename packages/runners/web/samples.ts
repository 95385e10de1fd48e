import { join } from 'node:path';
import { imageFile, isThere } from '../evaluation/evaluate.ts';
import { INPUT } from '../evaluation/results.ts';

/** A photograph to try a page with. */
export interface Sample {
  readonly name: string;
  /** Relative to the page. */
  readonly file: string;
  /** Where it lies. */
  readonly path: string;
}

const MOST = 4;

/** The first degraded test images of a run; none where it was not evaluated. */
export function samplesOf(run: string): Sample[] {
  return Array.from({ length: MOST }, (_, i) => ({
    name: `degraded test image ${i + 1}`,
    file: `samples/${i + 1}.png`,
    path: imageFile(join(run, 'evaluation', INPUT), i),
  })).filter(({ path }) => isThere(path));
}
