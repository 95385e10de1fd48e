import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, readPth, withoutPrefix } from '@dualprior/core';
import { checkCase } from './check.ts';
import { defaultGoldenFolder } from './folder.ts';
import { Golden } from './golden.ts';

const CASES = ['nafnet_a', 'nafnet_b', 'nafnet_local', 'hinet', 'losses', 'psnr_ssim'];

const folder = defaultGoldenFolder();
const present = existsSync(folder);
const required = Boolean(process.env.CI || process.env.DUALPRIOR_REQUIRE_SHARED);

if (!present && !required) console.warn(`The reference numbers are not checked: there is no folder ${folder}.`);

(present || required ? describe : describe.skip)('reference numbers of the official implementations', () => {
  beforeAll(() => {
    loadEngine();
  });

  test.each(CASES)('%s', (name) => {
    const { status, tensor, maxError, tolerance, problem } = checkCase(folder, name);
    expect({ status, problem }).toEqual({ status: 'ok', problem: undefined });
    expect(tensor).not.toBeNull();
    expect(maxError).toBeLessThanOrEqual(tolerance!);
  });

  test.each(['nafnet_a', 'hinet'])('the checkpoint %s.pth holds the weights that the formula gives', (name) => {
    const stored = withoutPrefix(readPth(join(folder, `${name}.pth`)), 'params');
    expect(new Map([...stored].sort())).toEqual(new Map([...new Golden(folder, name).weights()].sort()));
  });

  test('the stored input is the one that the formula gives', () => {
    const golden = new Golden(folder, 'nafnet_a');
    const { values, shape } = golden.array('input');
    expect(shape).toEqual([1, 3, 40, 52]);
    expect([values[0], values[100]]).toEqual([Math.fround(0.579286754), Math.fround(0.288700998)]);
  });

  test('a case that is not there is missing', () => {
    expect(checkCase(folder, 'nafnet_z').status).toBe('missing');
  });
});
