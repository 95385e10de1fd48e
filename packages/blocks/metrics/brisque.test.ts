import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Image } from '../images/image.ts';
import { BrisqueMetric } from './brisque.ts';
import { fitAsymmetric } from './brisque/asymmetric-gaussian.ts';
import { naturalSceneFeatures } from './brisque/natural-scene.ts';

interface Numbers {
  readonly model: string;
  readonly ranges: string;
  readonly cases: readonly {
    readonly width: number;
    readonly height: number;
    readonly kind: keyof typeof NOISE;
    readonly features: readonly number[];
    readonly score: number;
  }[];
}

/** By the Python package brisque: `testing/brisque-numbers.py`. */
const numbers = JSON.parse(readFileSync(new URL('./testing/brisque-numbers.json', import.meta.url), 'utf8')) as Numbers;

const NOISE = { smooth: 0.05, noisy: 0.6, textured: 0.2 };

/** The picture of `brisque-numbers.py`. */
function picture(width: number, height: number, kind: keyof typeof NOISE): Image {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const waves = 128 + 60 * Math.sin(x / 7 + c) * Math.cos(y / 5 - c) + 40 * Math.sin((x * x + y * y) / 400);
    const hashed = ((x * 7919 + y * 104729 + c * 1299709) % 256) - 128;
    return Math.min(255, Math.max(0, Math.floor(waves + NOISE[kind] * hashed)));
  });
  return { width, height, data };
}

const folder = mkdtempSync(join(tmpdir(), 'brisque-'));
const write = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const model = write('model', numbers.model);
const ranges = write('ranges', numbers.ranges);

describe('brisque', () => {
  test.each(numbers.cases)('is that of the package for a $kind picture of $width x $height', async (known) => {
    const image = picture(known.width, known.height, known.kind);
    const features = naturalSceneFeatures(image)!;
    expect(features).toHaveLength(known.features.length);
    features.forEach((value, i) => expect(value).toBeCloseTo(known.features[i]!, 6));
    const metric = new BrisqueMetric({ model, ranges });
    await metric.prepare();
    expect(metric.rate(image)[0]).toBeCloseTo(known.score, 6);
  });

  test('has no value of an image without structure', async () => {
    const metric = new BrisqueMetric({ model, ranges });
    await metric.prepare();
    expect(metric.rate({ width: 20, height: 20, data: new Uint8Array(1200).fill(7) })).toEqual([Infinity]);
  });

  test('refuses small images, and files that are no such model or ranges', async () => {
    expect(() => naturalSceneFeatures({ width: 15, height: 20, data: new Uint8Array(900) })).toThrow('at least 16');
    const prepare = (own: { model?: string; ranges?: string }) =>
      new BrisqueMetric({ model, ranges, ...own }).prepare();
    await expect(prepare({ model: ranges })).rejects.toThrow('its svm_type is missing');
    await expect(prepare({ model: write('linear', numbers.model.replace('rbf', 'linear')) })).rejects.toThrow(
      'its kernel_type is linear',
    );
    await expect(prepare({ model: write('cut', numbers.model.slice(0, -800)) })).rejects.toThrow('support vectors');
    const empty = numbers.model.replace(/total_sv \d+/, 'total_sv 0').replace(/^SV$[^]*/m, 'SV\n');
    await expect(prepare({ model: write('empty', empty) })).rejects.toThrow('it has 0 support vectors of 0');
    await expect(prepare({ ranges: model })).rejects.toThrow('it must begin with the lines "x" and "-1 1"');
    await expect(prepare({ ranges: write('few', 'x\n-1 1\n1 0 1\n') })).rejects.toThrow('1 features instead of 36');
    await expect(prepare({ model: join(folder, 'none') })).rejects.toThrow('none');
  });

  test('takes images of 16 pixels, and no smaller ones either way', () => {
    expect(naturalSceneFeatures(picture(16, 16, 'noisy'))).toHaveLength(36);
    expect(() => naturalSceneFeatures(picture(16, 15, 'noisy'))).toThrow('an image is 16x15');
  });

  test('a distribution without values on one side of zero has no shape', () => {
    expect(fitAsymmetric(Float64Array.of(1, 2, 3)).shape).toBeNaN();
    expect(fitAsymmetric(Float64Array.of(-1, 1, -2, 2)).shape).toBeGreaterThan(0);
  });

  const line = (text: string, from: string | RegExp, to: string) => text.replace(from, to);
  test.each([
    ['model', line(numbers.model, 'epsilon_svr', 'c_svc'), 'its svm_type is c_svc, but a regression'],
    ['model', line(numbers.model, 'epsilon_svr', 'epsilon_svr2'), 'its svm_type is epsilon_svr2'],
    ['model', line(numbers.model, /gamma \S+/, 'gamma x'), '"x" is no number'],
    ['model', line(numbers.model, /gamma \S+\n/, ''), '"" is no number'],
    ['model', line(numbers.model, /^SV\n\S+ 1:/m, 'SV\n1 0:'), 'it has no feature "0:'],
    ['model', line(numbers.model, /^SV\n\S+ 1:/m, 'SV\n1 37:'), 'it has no feature "37:'],
    ['model', line(numbers.model, /^SV\n\S+ 1:/m, 'SV\n1 1.5:'), 'it has no feature "1.5:'],
    ['ranges', line(numbers.ranges, /^x/, 'y'), 'it must begin with the lines "x" and "-1 1"'],
    ['ranges', line(numbers.ranges, '-1 1', '0 1'), 'it must begin with the lines "x" and "-1 1"'],
    ['ranges', line(numbers.ranges, /^2 /m, '3 '), 'is no range 2'],
    ['ranges', line(numbers.ranges, /^2 \S+ \S+/m, '2 0.5'), '"2 0.5" is no range 2'],
    ['ranges', line(numbers.ranges, /^2 \S+ \S+/m, '2'), '"2" is no range 2'],
    ['ranges', 'x', 'it must begin with the lines "x" and "-1 1"'],
    ['ranges', '', 'it must begin with the lines "x" and "-1 1"'],
  ])('a damaged file (%s) says what is wrong', async (which, text, message) => {
    const metric = new BrisqueMetric({ model, ranges, [which]: write('damaged', text) });
    await expect(metric.prepare()).rejects.toThrow(message);
  });

  test('files of Windows, of nu-SVR and with other spaces are read as well', async () => {
    const other = (text: string) => text.replaceAll('\n', ' \r\n').replaceAll(' ', '  ');
    const model2 = write('windows', other(numbers.model.replace('epsilon_svr', 'nu_svr')));
    const [own, same] = [
      new BrisqueMetric({ model, ranges }),
      new BrisqueMetric({ model: model2, ranges: write('windows ranges', other(numbers.ranges)) }),
    ];
    for (const metric of [own, same]) await metric.prepare();
    expect(same.rate(picture(20, 24, 'noisy'))).toEqual(own.rate(picture(20, 24, 'noisy')));
  });
});
