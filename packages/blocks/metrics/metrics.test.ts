import { describe, expect, test } from '@jest/globals';
import { Stream, UserError } from '@dualprior/core';
import fc from 'fast-check';
import type { Image } from '../images/image.ts';
import { PsnrMetric, psnr } from './psnr.ts';
import { planes } from './planes/plane.ts';
import { ssim, SsimMetric, SSIM_VARIANTS } from './ssim.ts';
import { acrossChannels, gaussianWindow, replicateBorder, uniformWindow, windowMeans } from './planes/window.ts';

function noise(width: number, height: number, key: string | number): Image {
  const stream = new Stream(`image-${key}`);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256)) };
}

/** The image with noise of up to `amount` grey levels. */
function spoiled({ width, height, data }: Image, amount: number): Image {
  const stream = new Stream('noise');
  const change = (value: number) => Math.min(255, Math.max(0, value + stream.integer(2 * amount + 1) - amount));
  return { width, height, data: data.map(change) };
}

const side = fc.integer({ min: 11, max: 24 });
const seed = fc.integer({ min: 0, max: 1000 });

describe('psnr', () => {
  test('of images that differ by 16 everywhere', () => {
    const flat = (value: number): Image => ({ width: 4, height: 3, data: new Uint8Array(36).fill(value) });
    expect(psnr(flat(100), flat(116))).toBeCloseTo(20 * Math.log10(255 / 16), 12);
    // Y goes over 219 of the 255 grey levels.
    expect(psnr(flat(100), flat(116), 'y')).toBeCloseTo(20 * Math.log10((255 * 255) / (219 * 16)), 10);
  });

  test('of identical images is infinite', () => {
    expect(psnr(noise(5, 4, 0), noise(5, 4, 0))).toBe(Infinity);
  });

  test('is symmetric, and falls with the noise', () => {
    fc.assert(
      fc.property(side, side, seed, (width, height, key) => {
        const image = noise(width, height, key);
        const [little, much] = [spoiled(image, 4), spoiled(image, 40)];
        expect(psnr(little, image)).toBeCloseTo(psnr(image, little), 10);
        expect(psnr(little, image)).toBeGreaterThan(psnr(much, image));
      }),
      { numRuns: 30 },
    );
  });

  test('a cropped border does not count', () => {
    const image = noise(12, 14, 1);
    const data = image.data.slice();
    data.fill(0, 0, 2 * 12 * 3);
    expect(psnr({ ...image, data }, image, 'rgb', 2)).toBe(Infinity);
    expect(psnr({ ...image, data }, image, 'rgb', 1)).toBeLessThan(40);
  });

  test('images of different sizes, and a border that leaves nothing, are refused', () => {
    expect(() => psnr(noise(5, 4, 0), noise(4, 5, 0))).toThrow('A restored image of 5x4 cannot be compared');
    for (const [width, height] of [
      [5, 4],
      [4, 5],
    ] as const) {
      const border = () => psnr(noise(width, height, 0), noise(width, height, 1), 'rgb', 2);
      expect(border).toThrow(`cropBorder 2 leaves nothing of an image of ${width}x${height}.`);
    }
    expect(psnr(noise(5, 5, 0), noise(5, 5, 1), 'rgb', 2)).toBeGreaterThan(0); // of the pixel in the middle
  });
});

describe('ssim', () => {
  test.each(Object.entries(SSIM_VARIANTS))('%s: 1 for identical images, symmetric, in [-1, 1]', (_, variant) => {
    fc.assert(
      fc.property(side, side, seed, (width, height, key) => {
        const [a, b] = [noise(width, height, key), noise(width, height, key + 1)];
        const value = ssim(a, b, 'rgb', 0, variant);
        expect(ssim(a, a, 'rgb', 0, variant)).toBeCloseTo(1, 12);
        expect(ssim(b, a, 'rgb', 0, variant)).toBeCloseTo(value, 12);
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
        expect(ssim(spoiled(a, 4), a, 'rgb', 0, variant)).toBeGreaterThan(ssim(spoiled(a, 60), a, 'rgb', 0, variant));
      }),
      { numRuns: 10 },
    );
  });

  test('of two flat images is the luminance term alone', () => {
    const flat = (value: number): Image => ({ width: 12, height: 11, data: new Uint8Array(396).fill(value) });
    const c1 = 2.55 ** 2;
    expect(ssim(flat(50), flat(80))).toBeCloseTo((2 * 50 * 80 + c1) / (50 ** 2 + 80 ** 2 + c1), 10);
  });

  test('the smallest image has one window within the border; three-dimensional windows reach beyond it', () => {
    const least = (cropBorder: number, variant?: 'three-dimensional') =>
      new SsimMetric({ channel: 'rgb', cropBorder, ...(variant && { variant }) }).minimumSide;
    expect([least(0), least(2), least(0, 'three-dimensional'), least(2, 'three-dimensional')]).toEqual([11, 15, 1, 5]);
    const [a, b] = [noise(15, 15, 0), noise(15, 15, 1)];
    expect(ssim(a, b, 'rgb', 2)).toBeLessThan(1);
    expect(() => ssim(a, b, 'rgb', 3)).toThrow('an image (without the border that cropBorder takes away) is 9x9.');
    const three = new SsimMetric({ channel: 'rgb', cropBorder: 0, variant: 'three-dimensional' });
    expect(three.measure(a, b)).toEqual([ssim(a, b, 'rgb', 0, SSIM_VARIANTS.threeDimensional)]);
    expect(() => new SsimMetric({ channel: 'y', cropBorder: 0, variant: 'three-dimensional' })).toThrow(
      'ssim: `variant: three-dimensional` goes over three channels, but `channel: y` is one.',
    );
  });

  test('images smaller than the window are refused, whatever made them small', () => {
    expect(() => ssim(noise(10, 30, 0), noise(10, 30, 1))).toThrow(UserError);
    expect(() => ssim(noise(14, 14, 0), noise(14, 14, 1), 'rgb', 2)).toThrow('11x11 pixels');
    expect(() => ssim(noise(14, 12, 0), noise(12, 14, 1))).toThrow(UserError);
  });
});

describe('the numbers of scikit-image 0.26.0', () => {
  /**
   * numpy: ((7x + 13y + 29c + (xy + kx) % 17 * 5 + k (y % 5) * 9) % 256, of 17 rows and 15 columns; with little contrast 120 + k + that // 32,
   * where the constants of SSIM matter.
   */
  const drawn = (k: number, contrast: 'full' | 'little'): Image => {
    const data = Uint8Array.from({ length: 17 * 15 * 3 }, (_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % 15, Math.floor(i / 45)];
      const value = (7 * x + 13 * y + 29 * c + ((x * y + k * x) % 17) * 5 + k * (y % 5) * 9) % 256;
      return contrast === 'full' ? value : 120 + k + Math.floor(value / 32);
    });
    return { width: 15, height: 17, data };
  };
  const { gaussian, gaussianSampleCovariance, uniform } = SSIM_VARIANTS;

  test.each([
    ['full', gaussian, -0.08772908383895428],
    ['full', gaussianSampleCovariance, -0.0877909705915384],
    ['full', uniform, 0.10427492295323736],
    ['little', gaussian, 0.8202497826168544],
    ['little', uniform, 0.8595789600582577],
  ] as const)('structural_similarity, %s contrast', (contrast, variant, expected) => {
    expect(ssim(drawn(0, contrast), drawn(1, contrast), 'rgb', 0, variant)).toBeCloseTo(expected, 12);
  });

  test('the metric ssim is the variant of the paper, with the population covariance', () => {
    const metric = new SsimMetric({ channel: 'rgb', cropBorder: 0 });
    expect(metric.measure(drawn(0, 'little'), drawn(1, 'little'))).toEqual([expect.closeTo(0.8202497826168544, 12)]);
  });

  test.each([
    ['full', 9.383797778590479],
    ['little', 39.069496282908524],
  ] as const)('peak_signal_noise_ratio, %s contrast', (contrast, expected) => {
    expect(psnr(drawn(1, contrast), drawn(0, contrast))).toBeCloseTo(expected, 12);
  });
});

describe('components', () => {
  const [restored, sharp] = [noise(16, 13, 'a'), noise(16, 13, 'b')];

  test.each([
    ['rgb', 'psnr', 'ssim'],
    ['y', 'psnr_y', 'ssim_y'],
  ] as const)('%s: columns %s and %s', (channel, psnrColumn, ssimColumn) => {
    const options = { channel, cropBorder: 1 };
    const [first, second] = [new PsnrMetric(options), new SsimMetric(options)];
    expect([...first.columns, ...second.columns].map(({ name }) => name)).toEqual([psnrColumn, ssimColumn]);
    expect(first.measure(restored, sharp)).toEqual([psnr(restored, sharp, channel, 1)]);
    expect(second.measure(restored, sharp)).toEqual([ssim(restored, sharp, channel, 1)]);
  });
});

describe('window means', () => {
  const plane = planes(noise(9, 8, 'plane'), 'rgb')[0]!;

  test('are the sums over the two-dimensional window', () => {
    const window = gaussianWindow(5, 1.2);
    const { width, height, data } = windowMeans(plane, window);
    expect([width, height]).toEqual([5, 4]);
    const direct = (x: number, y: number) =>
      window.reduce(
        (sum, wy, j) => sum + window.reduce((row, wx, i) => row + wy * wx * plane.data[(y + j) * 9 + x + i]!, 0),
        0,
      );
    data.forEach((value, i) => expect(value).toBeCloseTo(direct(i % 5, Math.floor(i / 5)), 9));
  });

  test('windows sum to 1', () => {
    for (const window of [gaussianWindow(11, 1.5), uniformWindow(7)]) {
      expect(window.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 14);
    }
  });

  test('replicated borders repeat the outermost pixels', () => {
    const { width, height, data } = replicateBorder({ width: 2, height: 2, data: Float64Array.of(1, 2, 3, 4) }, 1);
    expect([width, height]).toEqual([4, 4]);
    expect([...data]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });

  test('across channels, the outermost channels are repeated', () => {
    const channel = (value: number) => ({ width: 1, height: 1, data: Float64Array.of(value) });
    const mixed = acrossChannels([channel(3), channel(6), channel(12)], uniformWindow(3));
    expect(mixed.map(({ data }) => data[0]!)).toEqual([4, 7, 10].map((value) => expect.closeTo(value, 12)));
  });
});
