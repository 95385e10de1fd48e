import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(240_000);

const ROOT = resolve(import.meta.dirname, '../../..');

interface Document {
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly stages: readonly { readonly action: string }[];
}

test('five methods, all columns and the five claims come out of one command, and again without training', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'table1-')));
  const run = (): Document => {
    const places = ['--set', `store=${join(folder, 'store')}`, '--run-dir', join(folder, 'run')];
    const file = join(ROOT, 'experiments', 'table1-smoke.yaml');
    const command = [join(ROOT, 'tools', 'run.mjs'), 'experiment', file, ...places, '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as Document;
  };
  const first = run();
  const columns = ['psnr', 'ssim', 'fid_substitute', 'fid_192_substitute', 'kid_substitute'];
  expect(first.results.map(({ method }) => method)).toEqual(['input', 'HINet', 'NAFNet', 'GFP-GAN', 'GPEN', 'Ours']);
  for (const { method, ...values } of first.results) {
    expect([method, Object.keys(values), Object.values(values).every(Number.isFinite)]).toEqual([
      method,
      columns,
      true,
    ]);
  }
  expect(new Set(first.stages.map(({ action }) => action))).toEqual(new Set(['trained']));

  const table = readFileSync(join(folder, 'run', 'table.md'), 'utf8');
  for (const claim of ['C1', 'C2', 'C3', 'C4', 'C5']) {
    expect(table).toMatch(new RegExp(`^- ${claim} (holds|does not hold|is not decided)`, 'm'));
  }
  expect(table).toMatch(/- C2 is not decided: .* The table has no column lpips or lpips_substitute\./);
  expect(table).toMatch(/- C1 .*Ours is .* in fid_substitute .* \(too few images to decide\)/);
  expect(table).toMatch(/2048 and 192 features, 24 restored against the 24 sharp test images, 12 of them different/);

  const again = run();
  expect(again.results).toEqual(first.results);
  expect(new Set(again.stages.map(({ action }) => action))).toEqual(new Set(['reused']));
});
