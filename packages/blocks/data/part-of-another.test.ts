import { describe, expect, test } from '@jest/globals';
import { Random, Stream } from '@dualprior/core';
import type { Image } from '../images/image.ts';
import type { Dataset } from './dataset.ts';
import { HeldOut } from './held-out.ts';
import { Repeated, subjectOf } from './repeated.ts';
import { pairAt, readDegraded, readPair, withSharp } from './sampler/pair-at.ts';

/** An image that says which one it is. */
const picture = (value: number): Image => ({ width: 2, height: 1, data: new Uint8Array(6).fill(value) });

/** A data set of three pairs that says what it is asked. */
function pairs(name: string, more: Partial<Dataset> = {}): Dataset {
  return {
    length: 3,
    random: new Random(4),
    heldOut: undefined,
    hasSharp: true,
    degraded: 'read',
    name: (index) => `${name}${index}`,
    size: (index) => ({ width: 10 + index, height: 20 }),
    file: (index) => `/${name}/${index}.png`,
    read: async (index) => picture(index),
    readDegraded: async (index) => picture(100 + index),
    degrade: async (sharp, stream, window) => ({ ...sharp, width: stream.integer(1000) + (window?.width ?? 0) }),
    prepare: async (found) => [name, found],
    ...more,
  };
}

const drawn = new Stream('x').integer(1000);

describe.each([
  ['held-out', (of: Dataset) => new HeldOut({ of: { ...of, heldOut: of } })],
  ['repeated', (of: Dataset) => new Repeated({ of, times: 1 })],
] as const)('%s has what the other data set has', (_, make) => {
  test('of images, names, files, sizes and degradations', async () => {
    const of = pairs('p');
    const data = make(of);
    expect([data.length, data.heldOut, data.hasSharp, data.degraded]).toEqual([3, undefined, true, 'read']);
    expect(data.random).toBe(of.random);
    expect([data.name(2), data.size(2), data.file(2)]).toEqual(['p2', { width: 12, height: 20 }, '/p/2.png']);
    expect(await data.read(1)).toEqual(picture(1));
    expect(await data.readDegraded(2)).toEqual(picture(102));
    expect(await data.prepare('found')).toEqual(['p', 'found']);
    expect((await data.degrade(picture(0), new Stream('x'))).width).toBe(drawn);
    const window = { x: 0, y: 0, width: 5000, height: 1 } as never;
    expect((await data.degrade(picture(0), new Stream('x'), window)).width).toBe(drawn + 5000);
  });

  test('also where that has no sharp images, or makes the degraded ones', () => {
    expect(make(pairs('p', { hasSharp: false })).hasSharp).toBe(false);
    for (const degraded of ['made', 'none'] as const) expect(make(pairs('p', { degraded })).degraded).toBe(degraded);
    const data = make(pairs('p', { readDegraded: undefined as never }));
    expect(() => data.readDegraded(0)).toThrow('The data set has no degraded images of its own.');
  });
});

test('held-out is of the part, not of the whole', () => {
  const data = new HeldOut({ of: pairs('whole', { heldOut: pairs('part', { length: 2 }) }) });
  expect([data.length, data.name(1)]).toEqual([2, 'part1']);
});

test('repeated has each image again, under another name', async () => {
  const data = new Repeated({ of: pairs('p'), times: 3 });
  expect([data.length, data.name(2), data.name(3), data.name(8)]).toEqual([9, 'p2', 'p0~2', 'p2~3']);
  expect([data.size(8), data.file(8)]).toEqual([{ width: 12, height: 20 }, '/p/2.png']);
  expect([await data.read(7), await data.readDegraded(8)]).toEqual([picture(1), picture(102)]);
  expect(['a.png', 'a.png~2', 'a.png~2~31', 'a~x', '~2b'].map(subjectOf)).toEqual([
    'a.png',
    'a.png',
    'a.png',
    'a~x',
    '~2b',
  ]);
});

describe('a pair', () => {
  test('is of both files where it is read, made by the stream of its name where it is made', async () => {
    expect(await pairAt(pairs('p'), 1)).toEqual({ sharp: picture(1), degraded: picture(101) });
    const made = pairs('p', { degraded: 'made' });
    const expected = made.random.stream('pair', 'p1').integer(1000);
    expect(await pairAt(made, 1)).toEqual({ sharp: picture(1), degraded: { ...picture(1), width: expected } });
    expect(await readPair(made, 1)).toEqual({ sharp: picture(1), degraded: undefined });
    expect(await readPair(pairs('p'), 1)).toEqual({ sharp: picture(1), degraded: picture(101) });
  });

  test('of a photograph that came degraded has no sharp image, which is an error where one is asked for', async () => {
    const pair = await pairAt(pairs('p', { hasSharp: false }), 2);
    expect(pair).toEqual({ sharp: undefined, degraded: picture(102) });
    expect(() => withSharp(pair)).toThrow('A sharp image was asked of a data set that has none.');
    expect(withSharp({ sharp: picture(1), degraded: picture(2) })).toEqual({ sharp: picture(1), degraded: picture(2) });
    expect(await readDegraded(pairs('p'), 0)).toEqual(picture(100));
  });
});
