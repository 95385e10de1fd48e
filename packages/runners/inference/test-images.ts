import { subjectOf, type Dataset } from '@dualprior/blocks';

/** Count of the test images without those that are another one degraded again (`subjectOf`). */
export function countSubjects(data: Pick<Dataset, 'length' | 'name'>): number {
  return new Set(Array.from({ length: data.length }, (_, i) => subjectOf(data.name(i)))).size;
}

/** `128 images`, or `384 images (128, degraded several times)`. */
export function describeImages(data: Pick<Dataset, 'length' | 'name'>): string {
  const subjects = countSubjects(data);
  return `${data.length} images${subjects < data.length ? ` (${subjects}, degraded several times)` : ''}`;
}
