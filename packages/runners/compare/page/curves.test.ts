import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readRuns } from '../read-run.ts';
import { drawnRun } from '../testing/drawn-runs.ts';
import { variantsOf } from '../variants.ts';
import { comparedCurves } from './curves.ts';

const sum = { type: 'weighted-sum', terms: [{ type: 'l1' }, { type: 'perceptual' }] };

/** Chart -> number of lines, of the stage `own`. */
async function charts(...losses: readonly object[]): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'curves-'));
  const runs = losses.map((loss, v) => drawnRun(folder, { name: `v${v}`, width: 16 + v, kept: 0, loss }));
  const { stages } = await comparedCurves(variantsOf(readRuns(await Promise.all(runs))));
  return Object.fromEntries([...stages.get('own')!].map(([name, lines]) => [name, lines.length]));
}

test('curves of one name lie in one chart', async () => {
  await expect(charts({ type: 'psnr' }, { type: 'psnr' })).resolves.toEqual({ loss: 2, validation_psnr: 2 });
});

test('terms may have names', async () => {
  const named = { type: 'weighted-sum', terms: { one: { type: 'l1' } } };
  await expect(charts(named, { type: 'psnr' })).resolves.toMatchObject({ 'loss (l1)': 1, 'loss (psnr)': 1 });
});

test('different losses have charts of their own, as their scales differ', async () => {
  await expect(charts({ type: 'psnr' }, sum, { type: 'psnr' })).resolves.toEqual({
    'loss (psnr)': 2,
    'loss (l1 + perceptual)': 1,
    validation_psnr: 3,
  });
});
