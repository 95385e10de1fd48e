import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(300_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const VARIANTS = ['base', 'weight=0', 'wider-fusion'];
const METHODS = ['input', 'NAFNet', 'Ours', 'Inverted'];

interface Document {
  readonly variants: readonly {
    readonly run: { readonly stages: readonly { readonly name: string; readonly action: string }[] } | null;
  }[];
  readonly page: string;
  readonly comparison: {
    readonly rows: readonly {
      readonly variant: string;
      readonly method: string;
      readonly seeds: readonly number[];
    }[];
  };
}

test('ablations-smoke: every variant has its rows over both seeds, and what they share is trained once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ablations-'));
  const file = join(ROOT, 'experiments', 'ablations-smoke.yaml');
  const places = ['--set', `store=${join(folder, 'store')}`, '--run-dir', join(folder, 'runs')];
  const program = [join(ROOT, 'tools', 'run.mjs'), 'experiment', file, '--json', ...places];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const { variants, comparison, page } = JSON.parse(stdout) as Document;

  const trained = new Map<string, number>();
  for (const { name, action } of variants.flatMap(({ run }) => run!.stages)) {
    if (action === 'trained') trained.set(name, (trained.get(name) ?? 0) + 1);
  }
  // The prior once, restorers once a seed; the adversarial loss is of invert, on which fuse stands.
  expect(Object.fromEntries(trained)).toEqual({ prior: 1, restore: 2, invert: 4, fuse: 6 });

  const rows = comparison.rows.map(({ variant, method }) => `${variant} ${method}`);
  expect(rows.sort()).toEqual(VARIANTS.flatMap((variant) => METHODS.map((method) => `${variant} ${method}`)).sort());
  for (const { seeds } of comparison.rows) expect(seeds).toEqual([0, 1]);
  const html = readFileSync(page, 'utf8');
  for (const name of VARIANTS) expect(html).toContain(name);
});
