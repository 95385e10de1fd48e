import { counted } from '@dualprior/core';
import { allButFirst, ruled } from '../../console/aligned.ts';
import type { DataBench } from './time-data.ts';

/** Cores that make a batch in the time of a step. */
export function coresFor({ ms, batch }: Pick<DataBench, 'ms' | 'batch'>, stepMs: number): number {
  return (ms * batch) / stepMs;
}

/** A table for display, and what a step of so many ms needs. */
export function dataText(bench: DataBench, stepMs: number): string {
  const { stage, data, batch, crop, images, parts, ms } = bench;
  const rows = [...parts, { name: 'all', ms }].map((part) => [part.name, part.ms.toFixed(2), perSecond(part.ms)]);
  const head = ['part', 'ms per image', 'images/s per core'];
  const crops = crop === null ? 'whole images' : `crops of ${crop} pixels`;
  const all = [head, ...rows];
  return [
    `Stage ${stage} · data "${data}", ${crops} · processor time of ${counted(images, 'image')}`,
    ...ruled(all, allButFirst(all)),
    `A step of ${stepMs} ms with ${counted(batch, 'image')} needs ${coresFor(bench, stepMs).toFixed(2)} cores for its data.`,
  ].join('\n');
}

function perSecond(ms: number): string {
  return ms < 0.005 ? '–' : (1000 / ms).toFixed(ms < 100 ? 0 : 1);
}
