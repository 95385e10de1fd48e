import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { isRestorer, type Network, type Restorer } from '@dualprior/blocks';
import { catalogue, imageMean, Interrupted, loadEngine, Parameters, Random, type Component } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import '../index.ts';
import { restoring } from '../inference/restoring.ts';
import { PartStep } from './part-step.ts';
import type { Picture } from './picture.ts';
import { restorePicture, type PictureOptions } from './restore-picture.ts';
import { levelsBetween, wavyPicture } from './testing/pictures.ts';

jest.setTimeout(60_000);

beforeAll(() => void loadEngine());

const NAFNET = {
  width: 8,
  encoderBlocks: [1, 1, 2],
  middleBlocks: 1,
  decoderBlocks: [1, 1, 1],
  imageChannels: 3,
  depthwiseExpansion: 2,
  ffnExpansion: 2,
};
const HINET = {
  width: 8,
  depth: 4,
  reluSlope: 0.2,
  hinPositionLeft: 0,
  hinPositionRight: 3,
  imageChannels: 3,
  initialization: 'pytorch',
};

/** A network whose residual branches count, as in a trained one. */
function network(type: string, options: object): { module: Restorer; restore: (image: Tensor4D) => Tensor4D } {
  const { create } = catalogue.find('network', type) as Component<Network>;
  const module = new create(options);
  if (!isRestorer(module)) throw new Error(`${type} restores nothing`);
  const parameters = new Parameters(module, new Random(1), 'weights');
  const state = parameters.stateDict();
  for (const [name, { values }] of state) {
    if (/beta|gamma/.test(name)) values.forEach((_, i) => (values[i] = 0.5 * Math.sin(12.9898 * i + name.length)));
  }
  parameters.load(state);
  return { module, restore: (image) => parameters.use(() => module.restore(image).image) };
}

async function restored(
  restore: (image: Tensor4D) => Tensor4D,
  picture: Picture,
  options: Partial<PictureOptions> & Pick<PictureOptions, 'tile'>,
) {
  const steps = {
    whole: restoring(restore, true),
    part: new PartStep(restore, (compute) => loadEngine().compile(compute)),
  };
  try {
    return await restorePicture(steps, picture, {
      overlap: 32,
      stride: 1,
      multiple: 1,
      isOverlapFixed: false,
      signal: new AbortController().signal,
      progress: () => {},
      ...options,
    });
  } finally {
    steps.whole.dispose();
    steps.part.dispose();
  }
}

/** By the network alone, in one piece. */
function inOnePiece(restore: (image: Tensor4D) => Tensor4D, { data, width, height, white }: Picture): Float32Array {
  return tf.tidy(() => {
    const image = tf.tensor4d(
      Float32Array.from(data, (value) => value / white),
      [1, height, width, 3],
    );
    return restore(image).dataSync<'float32'>().slice();
  });
}

const square = (side: number) => ({ width: side, height: side });

describe('tiles differ by less than half a level from one piece', () => {
  test.each([
    ['nafnet', { ...NAFNET, local: { trainSize: [32, 32], fast: false } }, 'without means over the whole image', 1, 1],
    ['nafnet', NAFNET, 'with channel attention over the whole image', 2, 8],
    ['hinet', HINET, 'with instance normalisation over the whole image', 2, 8],
  ])('%s %#', async (type, options, _, least, most) => {
    const { module, restore } = network(type, options);
    const picture = wavyPicture(392, 304);
    const stride = module.stride ?? module.multiple;
    const result = await restored(restore, picture, { tile: square(224), stride, multiple: module.multiple });
    expect(levelsBetween(result.data, inOnePiece(restore, picture))).toBeLessThan(0.5);
    expect(result.difference).toBeLessThan(0.5);
    expect(result.tiles).toBeGreaterThan(3);
    expect(result.passes).toBeGreaterThanOrEqual(least);
    expect(result.passes).toBeLessThanOrEqual(most);
  });

  test('sides that are no multiple of what the network halves', async () => {
    const { module, restore } = network('nafnet', NAFNET);
    const picture = wavyPicture(301, 203);
    const result = await restored(restore, picture, { tile: square(128), stride: module.stride! });
    expect(levelsBetween(result.data, inOnePiece(restore, picture))).toBeLessThan(0.5);
  });
});

test('the mean over the whole image, of an image that is 1 in one pixel of 24,000', async () => {
  const picture: Picture = { width: 200, height: 120, white: 1, data: new Float32Array(200 * 120 * 3) };
  (picture.data as Float32Array).fill(1, 0, 3);
  const result = await restored((image) => tf.add(image, tf.mul(1000, imageMean(image))), picture, {
    tile: square(120),
  });
  expect(result.data[0]).toBeCloseTo(1 + 1000 / 24_000, 5);
  expect(result.data.at(-1)).toBeCloseTo(1000 / 24_000, 5);
});

describe('a blur of 81 pixels', () => {
  const blur = (image: Tensor4D) => {
    const along = (height: number, width: number) => tf.fill<tf.Rank.R4>([height, width, 3, 1], 1 / 81);
    return tf.depthwiseConv2d(tf.depthwiseConv2d(image, along(81, 1), 1, 'same'), along(1, 81), 1, 'same');
  };

  test('tiles see more of each other until they agree', async () => {
    const picture = wavyPicture(330, 200); // two tiles that overlap by 70, so that 35 are seen beyond their border
    const result = await restored(blur, picture, { tile: square(200) });
    expect(result.overlap).toBeGreaterThanOrEqual(40);
    expect(levelsBetween(result.data, inOnePiece(blur, picture))).toBeLessThan(0.01);
  });

  test('where they may not, the difference is reported', async () => {
    const picture = wavyPicture(380, 200);
    const result = await restored(blur, picture, { tile: square(200), overlap: 4, isOverlapFixed: true });
    expect(levelsBetween(result.data, inOnePiece(blur, picture))).toBeGreaterThan(1);
    expect(result.difference).toBeGreaterThan(1);
  });
});

test('pictures are mirrored up to the sides that a network takes', async () => {
  const picture: Picture = { width: 3, height: 1, white: 1, data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]) };
  let seen: number[] = [];
  const steps = {
    whole: {
      run: (image: Tensor4D) => {
        seen = [...image.dataSync<'float32'>()];
        return tf.clone(image);
      },
      dispose: () => {},
    },
    part: undefined as never,
  };
  const signal = new AbortController().signal;
  const options = {
    tile: square(9),
    overlap: 0,
    stride: 4,
    multiple: 4,
    isOverlapFixed: true,
    signal,
    progress: () => {},
  };
  const { data } = await restorePicture(steps, picture, options);
  const row = [1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 5, 6];
  expect(seen).toEqual([...row, ...row, ...row, ...row]);
  expect([...data]).toEqual([...picture.data]);
});

test('an interruption ends it between two tiles', async () => {
  const controller = new AbortController();
  const progress = () => controller.abort();
  const running = restored((image) => tf.clone(image), wavyPicture(200, 100), {
    tile: square(64),
    signal: controller.signal,
    progress,
  });
  await expect(running).rejects.toBeInstanceOf(Interrupted);
});

test('numbers that are not finite are an error', async () => {
  const running = restored((image) => tf.div(image, 0), wavyPicture(20, 20), { tile: square(64) });
  await expect(running).rejects.toThrow(/not finite/);
});
