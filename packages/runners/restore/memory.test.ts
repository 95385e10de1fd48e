import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, memoryIn } from '@dualprior/core';
import { Memory } from './memory.ts';

beforeAll(() => void loadEngine('cpu'));

const GIB = 2 ** 30;
const PER_PIXEL = 1000;

/** A network that takes 1,000 bytes a pixel. */
let taken: Float32Array | undefined;
function run(side: number): Promise<void> {
  taken = undefined;
  taken = new Float32Array((side * side * PER_PIXEL) / 4).fill(1);
  return Promise.resolve();
}

test('a tile is as large as memory allows, by what the network was measured to take', async () => {
  const limit = memoryIn('/proc/self/status', 'VmRSS')! + GIB;
  const { width, height } = await new Memory(run, 16, limit).tileFor({ width: 2000, height: 2000 });
  const most = (GIB - 40 * 2000 * 2000) / PER_PIXEL;
  expect(width).toBe(height);
  expect(width * height).toBeLessThan(most);
  expect(width * height).toBeGreaterThan(0.4 * most);
  expect(taken!.length).toBe((512 * 512 * PER_PIXEL) / 4);
});

test('a flat picture has flat tiles', async () => {
  const limit = memoryIn('/proc/self/status', 'VmRSS')! + GIB;
  const { width, height } = await new Memory(run, 16, limit).tileFor({ width: 100_000, height: 20 });
  expect(height).toBe(20);
  expect(width).toBeGreaterThan(10_000);
});

test('too little for the smallest tile is an error that says how much is needed', async () => {
  const kept: Float32Array[] = []; // so that the process grows, whatever else is freed meanwhile
  const growing = (side: number) => Promise.resolve(void kept.push(new Float32Array(side * side * 250).fill(1)));
  const limit = memoryIn('/proc/self/status', 'VmRSS')! + 45 * 2 ** 20;
  const memory = new Memory(growing, 64, limit);
  await expect(memory.tileFor({ width: 1000, height: 1000 })).rejects.toThrow(
    /too little memory: .*Give more with --memory/,
  );
});
