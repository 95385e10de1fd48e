import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sealedJson } from '@dualprior/core';
import sharp from 'sharp';
import { strip } from './strip.ts';

/** A finished run with the input and one method; `images` of each are kept, grey by column and row. */
async function run(images: number): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'strip-')));
  const rows = ['input', 'NAFNet'].map((method) => ({ method, values: [1] }));
  const columns = [{ name: 'psnr', better: 'higher', digits: 2 }];
  writeFileSync(join(folder, 'results.json'), sealedJson({ columns, rows, note: '', facts: {} }));
  for (const [c, place] of ['evaluation/input', 'evaluation/NAFNet', 'figures/sharp'].entries()) {
    for (let i = 0; i < images; i++) {
      const file = join(folder, place, 'images', `000${i}.png`);
      const grey = 80 * c + 20 * i;
      mkdirSync(dirname(file), { recursive: true });
      await sharp({ create: { width: 16, height: 16, channels: 3, background: { r: grey, g: grey, b: grey } } }).toFile(
        file,
      );
    }
  }
  return folder;
}

test('a row for each of the first three images: input, methods, sharp image, enlarged below their names', async () => {
  const { data, info } = await sharp(await strip(await run(4)))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.format, info.width, info.height]).toEqual(['raw', 3 * 128 + 2 * 2, 16 + 3 * 128 + 2 * 2]);
  const at = (column: number, row: number) => {
    const [x, y] = [column * 130 + 64, 16 + row * 130 + 64];
    return data[info.channels * (y * info.width + x)]!;
  };
  const greys = [0, 1, 2].map((row) => [0, 1, 2].map((column) => Math.round(at(column, row) / 20) * 20));
  expect(greys).toEqual([
    [0, 80, 160],
    [20, 100, 180],
    [40, 120, 200],
  ]);
});

test('a run without kept images is an error', async () => {
  await expect(strip(await run(0))).rejects.toThrow('has no images of its methods (`evaluation.images`)');
});
