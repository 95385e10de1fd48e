import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Random, Stream } from '@dualprior/core';
import type { Image } from '../images/image.ts';
import { interpolate, type Interpolation } from '../images/interpolate.ts';
import { bivariate, type Profile } from '../kernels/bivariate.ts';
import { sinc } from '../kernels/sinc.ts';
import { ColorJitter } from './color.ts';
import type { Degradation } from './degradation.ts';
import { PoissonNoise } from './poisson-noise.ts';
import { poisson } from './drawn/poisson.ts';
import { UnsharpMask } from './unsharp-mask.ts';

interface Official {
  readonly kernels: {
    readonly size: number;
    readonly sigma: readonly [number, number];
    readonly rotation: number;
    readonly beta: number;
    readonly cases: readonly { readonly profile: Profile; readonly isotropic: boolean; readonly data: number[] }[];
    readonly sinc: readonly { readonly size: number; readonly cutoff: number; readonly data: number[] }[];
  };
  readonly images: {
    readonly sizes: readonly {
      readonly mode: Interpolation;
      readonly width: number;
      readonly height: number;
      readonly data: number[];
    }[];
    readonly opencv: number[];
    readonly sharpened: number[];
    readonly jittered: readonly { readonly name: string; readonly by: number; readonly data: number[] }[];
  };
  readonly poisson: { readonly levels: number[]; readonly deviations: number[] };
}

/** By the official code: `testing/official.py`. */
const official = JSON.parse(readFileSync(new URL('./testing/official.json', import.meta.url), 'utf8')) as Official;

/** The picture of `official.py`. */
function picture(width: number, height: number): Image {
  const { sin, cos, sign } = Math;
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const waves = 128 + 60 * sin(x / 7 + c) * cos(y / 5 - c) + 40 * sign(sin(x / 9 + y / 11)) + 20 * sin((x * y) / 15);
    return Math.min(255, Math.max(0, Math.floor(waves)));
  });
  return { width, height, data };
}

function expectEqual(found: ArrayLike<number>, known: readonly number[], within: number): void {
  expect(found).toHaveLength(known.length);
  const worst = known.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  expect(worst).toBeLessThan(within);
}

function degraded(degradation: Degradation, image: Image): Promise<Image> {
  return Promise.resolve(degradation.bind(new Random(0))(image, new Stream('one')));
}

describe('as the official code makes them', () => {
  const { cases, sinc: sincs, size, sigma, rotation, beta } = official.kernels;

  test.each(cases)('a kernel: $profile, isotropic $isotropic', ({ profile, isotropic, data }) => {
    const both = isotropic ? ([sigma[0], sigma[0]] as const) : sigma;
    const kernel = bivariate({ size, sigma: both, rotation: isotropic ? 0 : rotation, profile, beta });
    expectEqual(kernel.data, data, 1e-7);
  });

  test.each(sincs)('a sinc kernel of $size', ({ size, cutoff, data }) => {
    expectEqual(sinc(size, cutoff).data, data, 1e-7);
  });

  test.each(official.images.sizes)('another size: $mode, $width x $height', ({ mode, width, height, data }) => {
    expectEqual(interpolate(picture(13, 9), width, height, mode).data, data, 0.01);
  });

  test("OpenCV's bilinear interpolation", () => {
    expectEqual(interpolate(picture(13, 9), 6, 5, 'bilinear').data, official.images.opencv, 0.01);
  });

  test('a sharpened image', async () => {
    const mask = new UnsharpMask({ weight: 0.5, radius: 10, threshold: 10, quantize: false });
    expectEqual((await degraded(mask, picture(30, 28))).data, official.images.sharpened, 0.02);
  });

  test.each(official.images.jittered)('another $name', async ({ name, by, data }) => {
    const same = { brightness: 1, contrast: 1, saturation: 1, hue: 0, quantize: false };
    const jitter = new ColorJitter({ ...same, [name]: by });
    expectEqual((await degraded(jitter, picture(30, 28))).data, data, 0.05);
  });

  test.each(official.poisson.levels.map((level, i) => [level, official.poisson.deviations[i]!]))(
    'noise of light at level %i',
    async (level, deviation) => {
      const others = official.poisson.levels;
      const width = 3000;
      const data = Uint8Array.from({ length: 9 * width }, (_, i) => others[Math.floor(i / (3 * width))]!);
      const noise = new PoissonNoise({ scale: 1, gray: 0, quantize: false });
      const noisy = (await degraded(noise, { width, height: 3, data })).data;
      const row = others.indexOf(level);
      const own = Array.from(noisy.subarray(3 * width * row, 3 * width * (row + 1)), (value) => value - level);
      const spread = Math.sqrt(own.reduce((sum, value) => sum + value ** 2, 0) / own.length);
      expect(Math.abs(spread / deviation - 1)).toBeLessThan(0.03);
      expect(Math.abs(own.reduce((sum, value) => sum + value, 0) / own.length)).toBeLessThan(deviation * 0.05);
    },
  );
});

test.each([0, 0.3, 4, 9.9, 10, 37, 240])(
  'Poisson numbers of mean %d have the probabilities of that distribution',
  (mean) => {
    const stream = new Stream(`poisson ${mean}`);
    const count = 20_000;
    const found = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const k = poisson(stream, mean);
      found.set(k, (found.get(k) ?? 0) + 1);
    }
    let [cumulated, distance, probability] = [0, 0, Math.exp(-mean)];
    let own = 0;
    for (let k = 0; k < mean + 12 * Math.sqrt(mean + 1); k++) {
      if (k > 0) probability *= mean / k;
      cumulated += probability;
      own += (found.get(k) ?? 0) / count;
      distance = Math.max(distance, Math.abs(own - cumulated));
    }
    expect(distance).toBeLessThan(1.95 / Math.sqrt(count)); // Kolmogorov and Smirnov, 0.1 %
    expect(own).toBeCloseTo(1, 6);
  },
);
