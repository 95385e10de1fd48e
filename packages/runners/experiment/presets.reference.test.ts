import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Container, loadExperiment, Random } from '@dualprior/core';
import type { Degradation, Image } from '@dualprior/blocks';
import '../index.ts';

const SIDE = 80;
/** Degraded pictures; the official code made `official.count`. */
const COUNT = 200;

type Statistic = 'error' | 'mean' | 'contrast' | 'detail' | 'across' | 'down' | 'colour';

/** By the official code: `blocks/degradations/testing/official.py`. */
const official = JSON.parse(
  readFileSync(new URL('../../blocks/degradations/testing/official.json', import.meta.url), 'utf8'),
) as {
  readonly count: number;
  readonly presets: Readonly<Record<string, Readonly<Record<Statistic, number[]>>>>;
};

/** The picture of `official.py`. */
function picture(): Image {
  const { sin, cos, sign } = Math;
  const data = Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
    const waves = 128 + 60 * sin(x / 7 + c) * cos(y / 5 - c) + 40 * sign(sin(x / 9 + y / 11)) + 20 * sin((x * y) / 15);
    return Math.min(255, Math.max(0, Math.floor(waves)));
  });
  return { width: SIDE, height: SIDE, data };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function statistics({ data }: Image, sharp: Image): Record<Statistic, number> {
  const image = Array.from(data, (value) => value / 255);
  const luma = (x: number, y: number) => {
    const i = 3 * (SIDE * y + x);
    return 0.299 * image[i]! + 0.587 * image[i + 1]! + 0.114 * image[i + 2]!;
  };
  const over = (from: number, to: readonly [number, number], value: (x: number, y: number) => number) => {
    const found: number[] = [];
    for (let y = from; y < to[1]; y++) for (let x = from; x < to[0]; x++) found.push(value(x, y));
    return found;
  };
  const all = over(0, [SIDE, SIDE], luma);
  const middle = mean(all);
  const laplacian = over(1, [SIDE - 1, SIDE - 1], (x, y) => {
    const around = luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1);
    return (4 * luma(x, y) - around) ** 2;
  });
  return {
    error: Math.sqrt(mean(image.map((value, i) => (value - sharp.data[i]! / 255) ** 2))),
    mean: mean(image),
    contrast: Math.sqrt(mean(all.map((value) => (value - middle) ** 2))),
    detail: Math.sqrt(mean(laplacian)),
    across: mean(over(0, [SIDE - 1, SIDE], (x, y) => Math.abs(luma(x + 1, y) - luma(x, y)))),
    down: mean(over(0, [SIDE, SIDE - 1], (x, y) => Math.abs(luma(x, y + 1) - luma(x, y)))),
    colour: mean(
      over(0, [SIDE, SIDE], (x, y) => Math.abs(image[3 * (SIDE * y + x)]! - image[3 * (SIDE * y + x) + 2]!)),
    ),
  };
}

/** Greatest distance of two distributions at the quantiles of one: 5 %, 10 %, ... 95 %. */
function distance(values: readonly number[], quantiles: readonly number[]): number {
  const shares = quantiles.map((at) => {
    const below = values.filter((value) => value < at).length;
    const upTo = values.filter((value) => value <= at + 1e-6).length;
    return [below, upTo].map((each) => each / values.length);
  });
  return Math.max(
    ...shares.map(([low, high], i) => {
      const wanted = 0.05 * (i + 1);
      return Math.max(0, low! - wanted, wanted - high!);
    }),
  );
}

const ROOT = resolve(import.meta.dirname, '../../..');

function preset(name: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'preset-')), 'preset.yaml');
  writeFileSync(file, `extends: [${ROOT}/experiments/smoke.yaml, ${ROOT}/degradations/${name}.yaml]\nname: preset\n`);
  const random = new Random(5);
  return { random, degrade: new Container(loadExperiment(file)).get<Degradation>('degradations', name).bind(random) };
}

describe.each(['gfpgan', 'real-esrgan'])('the preset %s', (name) => {
  test('makes pictures of the same distributions as the official code', async () => {
    const { degrade, random } = preset(name);
    const sharp = picture();
    const found: Record<Statistic, number>[] = [];
    for (let i = 0; i < COUNT; i++) found.push(statistics(await degrade(sharp, random.stream('pair', i)), sharp));
    const known = official.presets[name]!;
    const distances = Object.fromEntries(
      Object.entries(known).map(([key, quantiles]) => [
        key,
        distance(
          found.map((each) => each[key as Statistic]),
          quantiles,
        ),
      ]),
    );
    // Kolmogorov and Smirnov, 0.1 %, of as many official ones.
    const critical = 1.95 * Math.sqrt(1 / COUNT + 1 / official.count);
    for (const [key, value] of Object.entries(distances))
      expect([key, value < critical, value]).toEqual([key, true, value]);
  }, 60_000);

  test('is pure: equal streams give equal pictures of 8 bits, others do not', async () => {
    const { degrade, random } = preset(name);
    const make = async (i: number) => (await degrade(picture(), random.stream('pair', i))).data;
    const first = await make(0);
    expect(first).toBeInstanceOf(Uint8Array);
    expect(first).toHaveLength(3 * SIDE * SIDE);
    expect(await make(0)).toEqual(first);
    expect(await make(1)).not.toEqual(first);
  });
});
