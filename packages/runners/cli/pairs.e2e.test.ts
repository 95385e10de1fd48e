import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { Random } from '@dualprior/core';
import sharp from 'sharp';

jest.setTimeout(240_000);

const ROOT = resolve(import.meta.dirname, '../../..');

let folder: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pairs-')));
  for (const [split, count] of [
    ['train', 8],
    ['test', 3],
  ] as const) {
    for (let i = 0; i < count; i++) {
      await save(`${split}/scene${i}/gt/gt_1.png`, `${split} ${i}`);
      await save(`${split}/scene${i}/blur/blur_1.png`, `${split} ${i}`, 2);
    }
  }
  for (const i of [0, 1]) await save(`old/${i}.png`, `old ${i}`, 1, 35, 26);
});

/** A picture of blobs, blurred. */
async function save(name: string, key: string, blur = 0, width = 32, height = 32): Promise<void> {
  const stream = new Random(1).stream(key);
  const pixels = Uint8Array.from({ length: 3 * width * height }, () => stream.integer(256));
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  const image = sharp(pixels, { raw: { width, height, channels: 3 } })
    .blur(1.5)
    .normalise();
  const made = await image.png().toBuffer();
  await (blur > 0 ? sharp(made).blur(blur) : sharp(made)).toFile(file);
}

function experiment(run: string, data: string, method: string, metrics: string) {
  const paired = (split: string) =>
    `{ type: paired-folder, sharp: ${folder}/${split}, degraded: ${folder}/${split}, pattern: { sharp: '*/gt/gt_*', degraded: '*/blur/blur_*' } }`;
  const file = join(folder, `${run}.yaml`);
  writeFileSync(
    file,
    `name: pairs
seed: 0
store: ${folder}/store
runtime: { workers: 2 }
data:
  train: ${paired('train')}
  test: ${data === 'paired' ? paired('test') : data}
networks:
  nafnet: { type: nafnet, width: 4, encoderBlocks: [1], middleBlocks: 1, decoderBlocks: [1] }
stages:
  nafnet: { type: regression, network: nafnet, data: train, batch: { size: 4, crop: 16 }, iterations: 3 }
methods:
  NAFNet: { type: regression, network: nafnet.nafnet${method} }
metrics: ${metrics}
evaluation: { data: test }
tracking: null
`,
  );
  const args = [join(ROOT, 'tools', 'run.mjs'), 'experiment', file, '--run-dir', join(folder, run)];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

const heads = (run: string) => readFileSync(join(folder, run, 'results.csv'), 'utf8').split('\n')[0]!;

test('pairs of a folder are trained on and compared; photographs without sharp ones are restored and rated', () => {
  const compared = experiment('compared', 'paired', '', '{ psnr: { type: psnr }, ssim: { type: ssim } }');
  expect({ status: compared.status, stderr: compared.stderr }).toMatchObject({ status: 0 });
  expect(compared.stdout).toContain('Mean over 3 images of "test".');
  expect(heads('compared')).toContain('psnr');

  const old = `{ type: degraded-folder, root: ${folder}/old }`;
  const refused = experiment('refused', old, ', pad: true', '{ psnr: { type: psnr } }');
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain(
    'metrics.psnr: The metric compares with sharp images, but "test" has degraded ones only.',
  );

  const numbers = readFileSync(join(ROOT, 'packages/blocks/metrics/testing/brisque-numbers.json'), 'utf8');
  const { model, ranges } = JSON.parse(numbers) as { model: string; ranges: string };
  writeFileSync(join(folder, 'model'), model);
  writeFileSync(join(folder, 'ranges'), ranges);
  const brisque = `{ brisque: { type: brisque, model: ${folder}/model, ranges: ${folder}/ranges } }`;
  const rated = experiment('rated', old, ', pad: true, squares: 16', brisque);
  expect({ status: rated.status, stderr: rated.stderr }).toMatchObject({ status: 0 });
  expect(rated.stdout).toMatch(/input +\d+\.\d\d/);
  expect(heads('rated')).toMatch(/^method,brisque/);
  const page = readFileSync(join(folder, 'rated', 'report.html'), 'utf8');
  expect(page).toContain('The first column shows the degraded input.');
  expect(page).not.toContain('>sharp image<');
  expect(page).toContain('0.png');
});
