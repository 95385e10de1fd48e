import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { zipSync } from 'fflate';
import { checkCase } from './check.ts';
import { FAMILIES } from './families.ts';
import { listCases, REFERENCE } from './folder.ts';
import { Golden, type GoldenFamily } from './golden.ts';
import { NudgedGolden } from './nudged-golden.ts';
import { casesOf } from './testing/check-reference.ts';

beforeAll(() => {
  loadEngine();
});

/** A numpy file of float32 values. */
function npy(values: number[]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }`.padEnd(117) + '\n';
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([prefix, Buffer.from(header), Buffer.from(Float32Array.from(values).buffer)]);
}

function folderWith(expected: number[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'goldens-'));
  const manifest = {
    name: 'toy',
    key_prefix: '',
    config: { arch: 'toy' },
    tensors: { output: { role: 'output', shape: [expected.length], dtype: 'float32', atol: 0.1 } },
    weights: {},
  };
  writeFileSync(join(folder, 'toy.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'toy.npz'), zipSync({ 'output.npy': npy(expected) }));
  return folder;
}

function family(...outputs: [string, NdArray][]): GoldenFamily[] {
  return [{ knows: ({ manifest }) => manifest.config.arch === 'toy', compute: () => new Map(outputs) }];
}

const array = (...values: number[]): NdArray => ({ shape: [values.length], values: Float64Array.from(values) });

describe('a golden case', () => {
  test('is ok within its tolerance', async () => {
    const result = await checkCase(folderWith([1, 2]), 'toy', family(['output', array(1.0625, 2)]));
    expect(result).toEqual({ name: 'toy', status: 'ok', tensor: 'output', maxError: 0.0625, tolerance: 0.1, moves: 0 });
  });

  test('fails outside of it', async () => {
    expect(await checkCase(folderWith([1, 2]), 'toy', family(['output', array(1, 2.5)]))).toMatchObject({
      status: 'fail',
      maxError: 0.5,
    });
  });

  test.each([
    ['a value that is not finite', family(['output', array(1, NaN)]), /not finite/],
    ['another shape', family(['output', array(1)]), /shape \(1\), \(2\) expected/],
    ['a tensor that was not computed', family(), /not computed/],
  ])('fails for %s', async (_, families, problem) => {
    const result = await checkCase(folderWith([1, 2]), 'toy', families);
    expect(result).toMatchObject({ status: 'fail', maxError: null });
    expect(result.problem).toMatch(problem);
  });

  test.each([
    ['is ok if one of the images that are the same but for their last bits gives it', 1, 'ok'],
    ['fails if none does', 1.5, 'fail'],
  ])('a gradient with kinks %s', async (_, other, status) => {
    const folder = folderWith([1]);
    const seen: string[][] = [];
    const kinked: GoldenFamily = {
      knows: () => true,
      hasKinks: (_golden, tensor) => tensor === 'output',
      compute: (golden) => {
        seen.push(golden.outputs);
        return new Map([['output', array(seen.length < 3 ? 9 : other)]]);
      },
    };
    expect(await checkCase(folder, 'toy', [kinked])).toMatchObject(
      status === 'ok' ? { status, maxError: 0, moves: 2 } : { status, maxError: 8, moves: 8 },
    );
    expect(seen).toHaveLength(status === 'ok' ? 3 : 9);
    expect(
      await checkCase(folder, 'toy', [
        { ...kinked, hasKinks: () => false, compute: () => new Map([['output', array(9)]]) },
      ]),
    ).toMatchObject({ status: 'fail' });
  });

  test('images are moved in their last bits only, each attempt in another way', () => {
    const folder = folderWith([1]);
    const manifest = JSON.parse(readFileSync(join(folder, 'toy.json'), 'utf8')) as { tensors: Record<string, object> };
    manifest.tensors['input'] = { role: 'input', shape: [1, 3, 8, 8], dtype: 'float32', key: 'input:toy', map: 'v' };
    writeFileSync(join(folder, 'toy.json'), JSON.stringify(manifest));
    const golden = new Golden(folder, 'toy');
    const [original, ...moved] = [
      golden,
      new NudgedGolden(golden, 'output', 0),
      new NudgedGolden(golden, 'output', 1),
    ].map((each) => tf.tidy(() => each.image('input').dataSync()));
    for (const values of moved) {
      const changes = [...values].map((value, i) => Math.abs(value / original![i]! - 1));
      expect(Math.max(...changes)).toBeGreaterThan(0);
      expect(Math.max(...changes)).toBeLessThan(2 ** -21);
    }
    expect(moved[0]).not.toEqual(moved[1]);
  });

  test('fails if a file is damaged', async () => {
    const folder = folderWith([1, 2]);
    writeFileSync(join(folder, 'toy.npz'), readFileSync(join(folder, 'toy.npz')).subarray(0, 60));
    expect(await checkCase(folder, 'toy', family())).toMatchObject({
      status: 'fail',
      problem: expect.stringContaining('toy.npz'),
    });
  });

  test('is missing if a file or whatever computes it is', async () => {
    const folder = folderWith([1, 2]);
    cpSync(join(folder, 'toy.json'), join(folder, 'half.json'));
    expect((await checkCase(folder, 'half', family())).status).toBe('missing');
    expect((await checkCase(folder, 'none', family())).status).toBe('missing');
    expect((await checkCase(folder, 'toy', [])).status).toBe('missing');
  });
});

test('each case of this repository is of one kind, so that one test checks it', () => {
  expect(Object.values(FAMILIES).flatMap(casesOf).sort()).toEqual(listCases(REFERENCE));
});
