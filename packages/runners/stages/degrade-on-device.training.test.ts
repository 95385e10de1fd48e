import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import '../index.ts';
import { curveOf, trainStage, type Setting } from './testing/stage-harness.ts';

jest.setTimeout(60_000);

beforeAll(() => void loadEngine());

/** Trains the stage `restore` of dual-prior-smoke for four steps of four images, and returns the folder. */
async function trained(set: readonly string[], setting: Setting = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'degrade-'));
  await continued(folder, set, setting);
  return folder;
}

async function continued(folder: string, set: readonly string[], setting: Setting = {}): Promise<void> {
  const own = ['iterations=4', 'validation=null', 'validateEvery=4', 'logEvery=1'].map(
    (each) => `stages.restore.${each}`,
  );
  await trainStage('dual-prior-smoke.yaml', 'restore', folder, { set: [...own, ...set], ...setting });
}

const DEVICE = 'runtime.degrade=device';
const NOISE = 'degradations.blur.noise=10';
const loss = (folder: string) => curveOf(folder, 'loss');

test('training on images that the device degrades is training on those of the processor', async () => {
  const [host, device] = [await loss(await trained([])), await loss(await trained([DEVICE]))];
  expect(host).toHaveLength(4);
  device.forEach((value, i) => expect(value).toBeCloseTo(host[i]!, 2)); // dB; a few pixels are rounded otherwise
  expect(
    await loss(
      await trained([
        DEVICE,
        'degradations.blur=null',
        'degradations.blur={type: motion-blur, kernels: {type: camera-shake, count: 20, support: [60, 71]}}',
      ]),
    ),
  ).not.toEqual(device);
});

test('noise follows from seed and iteration alone, also when it is resumed', async () => {
  const whole = await trained([DEVICE, NOISE]);
  const stopped = mkdtempSync(join(tmpdir(), 'degrade-'));
  await expect(continued(stopped, [DEVICE, NOISE], { interruptAfter: 2 })).rejects.toThrow();
  await continued(stopped, [DEVICE, NOISE]);
  const weights = (folder: string) => readFileSync(join(folder, 'last.safetensors'));
  expect(weights(stopped).equals(weights(whole))).toBe(true);
  expect(await loss(whole)).not.toEqual(await loss(await trained([DEVICE])));
});

test('accumulated batches are one large batch', async () => {
  const [large, small] = [
    await trained([DEVICE, NOISE]),
    await trained([DEVICE, NOISE, 'stages.restore.batch={size: 2, accumulate: 2}']),
  ];
  const [expected, found] = [await loss(large), await loss(small)];
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
});
