import { expect, test } from '@jest/globals';
import { MyDataset } from './dataset.ts';

async function prepared(seed: number): Promise<MyDataset> {
  const dataset = new MyDataset({ size: 16, seed, holdOut: 0 });
  await dataset.prepare();
  return dataset;
}

test('an image is a pure function of the seed and its index', async () => {
  const [one, same, other] = [await prepared(1), await prepared(1), await prepared(2)];
  expect(await one.read(5)).toEqual(await same.read(5));
  expect(await one.read(5)).not.toEqual(await one.read(6));
  expect(await one.read(5)).not.toEqual(await other.read(5));
});

test('images have the given size, three channels and two colours', async () => {
  const { width, height, data } = await prepared(0).then((dataset) => dataset.read(3));
  const colours = new Set(Array.from({ length: width * height }, (_, i) => data.slice(3 * i, 3 * i + 3).join()));
  expect([width, height, data.length, colours.size]).toEqual([16, 16, 16 * 16 * 3, 2]);
});
