import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import { checkCase } from './check.ts';
import { chosenCases, sharedGoldenFolder, listCases } from './folder.ts';
import { nvlabsFolder } from './testing/nvlabs.ts';

beforeAll(() => {
  loadEngine('cpu');
});

describe("NVlabs' pickles", () => {
  test('with reference values beside them are cases, all of them nvlabs', () => {
    const folder = nvlabsFolder();
    copyFileSync(join(folder, 'small.pkl'), join(folder, 'alone.pkl'));
    for (const end of ['pkl', 'reference.npz']) {
      copyFileSync(join(folder, `small.${end}`), join(folder, `another.${end}`));
    }
    expect(listCases(folder)).toEqual(['another', 'small']);
    expect(chosenCases(folder, ['nvlabs', 'nafnet_a'])).toEqual(['another', 'small', 'nafnet_a']);
    expect(chosenCases(folder, ['small'])).toEqual(['small']);
    renameSync(join(folder, 'small.pkl'), join(folder, 'other.pkl'));
    expect(chosenCases(folder, [])).toEqual(['another']);
  });

  test('give the numbers of the official networks: clamped, a discriminator that sees each resolution', async () => {
    const result = await checkCase(nvlabsFolder(), 'small');
    expect(result).toMatchObject({ name: 'small', status: 'ok' });
    expect(result.maxError).toBeLessThan(result.tolerance! / 10);
  });

  test('that are damaged, or none, fail with the reason', async () => {
    const folder = nvlabsFolder();
    const file = join(folder, 'small.pkl');
    writeFileSync(file, readFileSync(file).subarray(0, 9000));
    expect(await checkCase(folder, 'small')).toMatchObject({
      status: 'fail',
      problem: expect.stringContaining('small.pkl'),
    });
    copyFileSync(join(folder, 'small.reference.npz'), file);
    expect(await checkCase(folder, 'small')).toMatchObject({
      status: 'fail',
      problem: expect.stringContaining('small.pkl'),
    });
  });

  test('are missing where there are none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nvlabs-'));
    expect(() => chosenCases(folder, ['nvlabs'])).toThrow(/NAME\.pkl and NAME\.reference\.npz/);
    expect(await checkCase(folder, 'nvlabs')).toMatchObject({
      status: 'missing',
      problem: expect.stringContaining('no NAME.pkl with a NAME.reference.npz beside it'),
    });
  });
});

const shared = join(sharedGoldenFolder(), '../cases/checkpoints');

(existsSync(shared) ? describe : describe.skip)('shared pickles of NVlabs', () => {
  test('give the numbers of the official networks', async () => {
    const cases = chosenCases(shared, ['nvlabs']);
    expect(cases.length).toBeGreaterThan(0);
    for (const name of cases) expect(await checkCase(shared, name)).toMatchObject({ status: 'ok' });
  });
});
