import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import { Memory } from './memory.ts';
import { type MemoryMeter, thisProcess } from './memory-meter.ts';

beforeAll(() => void loadEngine('cpu'));

const MIB = 2 ** 20;
const BEFORE = 300 * MIB;
const FIXED = 20 * MIB;
const PER_PIXEL = 1000;

/** A process of `BEFORE` bytes, and a network in it that takes `FIXED` bytes and 1,000 for each pixel, as a line. */
function processWithNetwork(): { run: (side: number) => Promise<void>; meter: MemoryMeter; sides: number[] } {
  let peak = BEFORE;
  const sides: number[] = [];
  const run = (side: number) => {
    sides.push(side);
    peak = Math.max(peak, BEFORE + FIXED + PER_PIXEL * side * side);
    return Promise.resolve();
  };
  return { run, sides, meter: { now: () => BEFORE, peak: () => peak, forgetPeak: () => (peak = BEFORE) } };
}

/** Pixels of a tile that fit into `room` bytes: 40 bytes for each pixel of the picture are kept free, and a margin of 15 %. */
const most = (room: number, pixels: number) => (room - 40 * pixels - FIXED) / (PER_PIXEL * 1.15);

test('a tile is as large as memory allows, by what the network was measured to take', async () => {
  const { run, meter, sides } = processWithNetwork();
  const memory = new Memory(run, 16, BEFORE + 1024 * MIB, meter);
  const side = Math.floor(Math.sqrt(most(1024 * MIB, 4e6)));
  await expect(memory.tileFor({ width: 2000, height: 2000 })).resolves.toEqual({ width: side, height: side });
  const smaller = Math.floor(Math.sqrt(most(1024 * MIB - 30 * 4e6, 4e6)));
  await expect(memory.tileFor({ width: 2000, height: 2000 }, 30)).resolves.toEqual({ width: smaller, height: smaller });
  expect(sides).toEqual([256, 512]); // measured once
});

test('a flat picture has flat tiles', async () => {
  const { run, meter } = processWithNetwork();
  const tile = await new Memory(run, 16, BEFORE + 1024 * MIB, meter).tileFor({ width: 100_000, height: 20 });
  expect(tile).toEqual({ width: Math.floor(most(1024 * MIB, 2e6) / 20), height: 20 });
});

test('a picture that certainly fits is not measured', async () => {
  const { run, meter, sides } = processWithNetwork();
  const picture = { width: 64, height: 64 };
  await expect(new Memory(run, 16, BEFORE + 1024 * MIB, meter).tileFor(picture)).resolves.toEqual(picture);
  expect(sides).toEqual([]);
});

test('too little for the smallest tile is an error that says how much is needed', async () => {
  const { run, meter } = processWithNetwork();
  const memory = new Memory(run, 64, BEFORE + 45 * MIB, meter);
  await expect(memory.tileFor({ width: 1000, height: 1000 })).rejects.toThrow(
    /too little memory: \d+ MiB beside the picture are needed .*, and 7 MiB may be taken\. Give more with --memory/,
  );
});

test('the memory of this process grows by what is written, and its peak is forgotten', () => {
  const SIZE = 256 * MIB;
  thisProcess.forgetPeak();
  const before = thisProcess.now();
  const taken = new Float32Array(SIZE / 4).fill(1);
  expect(thisProcess.now() - before).toBeGreaterThan(SIZE / 4); // a quarter: other memory may be freed meanwhile
  expect(thisProcess.peak() - before).toBeGreaterThan(SIZE / 4);
  expect(taken.at(-1)).toBe(1);
});
