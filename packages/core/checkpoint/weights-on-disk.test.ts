import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '../engine/engine.ts';
import { UserError } from '../errors/user-error.ts';
import { constant } from '../nn/initializers.ts';
import { Module } from '../nn/module.ts';
import { Parameter } from '../nn/parameter.ts';
import type { StateDict } from '../nn/parameters.ts';
import { writeSafetensors } from './safetensors.ts';
import { standInForMissingFiles } from './stand-ins.ts';
import { weightsIdentity, weightsOnDisk } from './weights-on-disk.ts';

class Scale extends Module {
  readonly weight = new Parameter([2], constant(3), 'same');
  readonly bias = new Parameter([1], constant(0), 'same');
}

const folder = mkdtempSync(join(tmpdir(), 'weights-'));
const NONE = /$^/;

/** A file of tensors of one axis. */
function written(tensors: Record<string, number[]>, name = 'weights.safetensors'): string {
  const file = join(folder, name);
  const all = Object.entries(tensors).map(([key, values]): [string, { shape: number[]; values: Float32Array }] => [
    key,
    { shape: [values.length], values: Float32Array.from(values) },
  ]);
  writeSafetensors(file, all);
  return file;
}

const read = (file: string, ignored = NONE) => weightsOnDisk.read(file, new Scale(), 'the scale', ignored);
const numbers = (state: StateDict) => Object.fromEntries([...state].map(([name, { values }]) => [name, [...values]]));

beforeAll(() => {
  loadEngine(); // for the initial weights
});

afterEach(() => standInForMissingFiles(undefined));

describe('weights on the disk', () => {
  const expected = { weight: [1, 2], bias: [5] };

  test('are those of the file, without what several GPUs and profilers leave and what is to be ignored', () => {
    expect(numbers(read(written(expected)))).toEqual(expected);
    expect(numbers(read(written({ 'module.weight': [1, 2], 'module.bias': [5] })))).toEqual(expected);
    expect(numbers(read(written({ ...expected, total_ops: [9], 'a.total_params': [9] })))).toEqual(expected);
    expect(numbers(read(written({ ...expected, 'module.head.w': [9] }), /^head\./))).toEqual(expected);
  });

  test('that do not fit are an error with all that is missing, unknown or of another shape', () => {
    const file = written({ weight: [1, 2, 3], 'a.module.bias': [5] });
    expect(() => read(file)).toThrow(
      new UserError(
        `${file} holds no weights of the scale:\n` +
          '  bias: missing, (1) expected\n  weight: found (3), (2) expected\n  a.module.bias: unknown, found (1)',
      ),
    );
  });

  test('that are not finite are an error once they are asked for', () => {
    const state = read(written({ weight: [1, Infinity], bias: [NaN] }));
    expect(() => state.get('weight')!.values).toThrow(
      'holds numbers that are not finite: Infinity in "weight" (1 of 2) and others in 1 more tensor. Its training',
    );
    const one = read(written({ weight: [1, 2], bias: [-Infinity] }));
    expect([...one.get('weight')!.values]).toEqual([1, 2]);
    expect(() => one.get('bias')!.values).toThrow('not finite: -Infinity in "bias" (1 of 1). Its training');
  });

  test('have a key that changes with the file', () => {
    const file = written(expected);
    const before = weightsOnDisk.key(file);
    expect(weightsOnDisk.key(file)).toBe(before);
    utimesSync(file, 1, 1);
    const touched = weightsOnDisk.key(file);
    expect(touched).not.toBe(before);
    writeFileSync(file, 'longer or shorter');
    utimesSync(file, 1, 1);
    expect(weightsOnDisk.key(file)).not.toBe(touched);
  });

  test('have the hash of their content', () => {
    const file = join(folder, 'abc');
    // More than is read at once, and then another file of the same name.
    for (const content of [Buffer.alloc(2 ** 22 + 1, 'abc'), Buffer.from('abc')]) {
      writeFileSync(file, content);
      const hash = createHash('sha256').update(content).digest('hex');
      expect([weightsIdentity(file), weightsIdentity(file)]).toEqual([hash, hash]);
    }
    expect(() => weightsIdentity(join(folder, 'none'))).toThrow(`Cannot read ${join(folder, 'none')}: there is no`);
  });

  test('that are missing, or a folder, are an error', () => {
    const file = join(folder, 'missing.pth');
    expect(() => weightsOnDisk.key(file)).toThrow(new UserError(`There is no weights file ${file}.`));
    expect(() => weightsOnDisk.key(folder)).toThrow(new UserError(`There is no weights file ${folder}.`));
    expect(() => read(file)).toThrow(UserError);
  });

  test('that are missing in a rehearsal are the initial ones of the network, and are reported', () => {
    const reported: string[] = [];
    const kept: [string, StateDict][] = [];
    standInForMissingFiles(
      (what) => reported.push(what),
      (name, state) => kept.push([name, state]),
    );
    const file = join(folder, 'missing.pth');
    const first = read(file);
    expect(numbers(first)).toEqual({ weight: [3, 3], bias: [0] });
    expect(kept).toEqual([[file, first]]);
    expect(weightsOnDisk.key(file)).toBe(`${file}, missing`);
    expect(weightsIdentity(file)).toBe(`${file}, missing`);
    expect(new Set(reported)).toEqual(new Set([`initial weights for the missing file ${file}`]));
    const there = written(expected);
    expect(numbers(read(there))).toEqual(expected);
    expect(weightsIdentity(there)).toMatch(/^[\da-f]{64}$/);
    expect(reported.some((line) => line.includes(there))).toBe(false);
  });
});
