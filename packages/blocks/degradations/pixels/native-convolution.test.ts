import { describe, expect, test } from '@jest/globals';
import { Random, type Stream } from '@dualprior/core';
import { whole, type Image } from '../../images/image.ts';
import { CameraShake } from '../../kernels/camera-shake.ts';
import { rounded } from './bytes.ts';
import { convolveHere } from './convolve.ts';
import { taps, type Border, type Taps } from './taps.ts';
import { convolveNatively } from './native-convolution.ts';

const BORDERS: readonly Border[] = ['reflect', 'replicate', 'zero'];
const random = new Random(11);

function image(width: number, height: number, stream: Stream): Image {
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => stream.integer(256)) };
}

/** Some weights in a square, below zero too. */
function someTaps(count: number, size: number, stream: Stream): Taps {
  const offset = () => stream.integer(size) - (size - 1) / 2;
  return {
    dx: Int16Array.from({ length: count }, offset),
    dy: Int16Array.from({ length: count }, offset),
    weight: Float64Array.from({ length: count }, () => stream.uniform(-0.3, 1) / count),
  };
}

function expectEqual(of: Image, kernel: Taps, border: Border, window = whole(of)): void {
  const exact = convolveHere(of, kernel, border, window);
  const floats = convolveNatively(of, kernel, border, window, new Float32Array(exact.length));
  expect(Buffer.from(floats!.buffer).equals(Buffer.from(exact.buffer))).toBe(true);
  const bytes = convolveNatively(of, kernel, border, window, new Uint8Array(exact.length));
  expect(Buffer.from(bytes!).equals(Buffer.from(rounded(exact)))).toBe(true);
}

describe('convolution in C++ equals the one in JavaScript, bit for bit', () => {
  test.each([1, 3, 4, 7, 8, 13, 50, 342])('with %d weights', (count) => {
    const stream = random.stream('weights', String(count));
    for (const border of BORDERS) expectEqual(image(37, 23, stream), someTaps(count, 21, stream), border);
  });

  test("with camera shake's kernels, in windows inside and at the border", () => {
    const stream = random.stream('windows');
    const kernels = new CameraShake({ count: 3, size: 71, reference: 512 });
    const [left, top, width, height] = [61, 0, 32, 17];
    for (const index of [0, 1, 2]) {
      const kernel = taps(kernels.kernel(random, index, 128));
      expectEqual(image(128, 96, stream), kernel, 'reflect', { left, top, width, height });
    }
  });

  test('where the kernel is wider than the image, which is folded several times', () => {
    const stream = random.stream('small');
    for (const border of BORDERS) expectEqual(image(4, 1, stream), someTaps(30, 31, stream), border);
  });

  test('of an image that is not rounded', () => {
    const stream = random.stream('floats');
    const data = Float32Array.from({ length: 3 * 20 * 20 }, () => stream.uniform(-10, 300));
    for (const border of BORDERS) expectEqual({ width: 20, height: 20, data }, someTaps(25, 9, stream), border);
  });

  test('where every sum is a half: it goes to the even neighbour, and beyond 0 and 255 it is clipped', () => {
    const data = Uint8Array.from({ length: 3 * 64 }, (_, i) => (i < 192 ? Math.floor(i / 3) * 2 + 1 : 0));
    const half: Taps = { dx: Int16Array.of(0), dy: Int16Array.of(0), weight: Float64Array.of(0.5) };
    const window = { left: 0, top: 0, width: 64, height: 1 };
    const bytes = convolveNatively({ width: 64, height: 1, data }, half, 'reflect', window, new Uint8Array(192));
    const evens = [0, 2, 2, 4, 4, 6, 6, 8]; // 0.5, 1.5, 2.5, ...
    expect([...bytes!].filter((_, i) => i % 3 === 0).slice(0, 8)).toEqual(evens);
    for (const weight of [-1, 3])
      expectEqual({ width: 64, height: 1, data }, { ...half, weight: Float64Array.of(weight) }, 'zero');
  });

  test('where sums of floats are on the other side of a half than sums of doubles', () => {
    const stream = random.stream('near halves');
    for (let i = 0; i < 200; i++) {
      const value = 1 + stream.integer(255);
      const kernel = someTaps(100, 5, stream);
      const total = kernel.weight.reduce((sum, weight) => sum + weight);
      const wanted = (stream.integer(255) + 0.5 + stream.uniform(-2e-5, 2e-5)) / value;
      const weight = kernel.weight.map((each) => (each / total) * wanted);
      expectEqual({ width: 2, height: 1, data: new Uint8Array(6).fill(value) }, { ...kernel, weight }, 'replicate');
    }
  });

  test('arrays that do not fit the sides are refused', () => {
    const kernel = someTaps(2, 3, random.stream('misfit'));
    const of: Image = { width: 4, height: 4, data: new Uint8Array(47) };
    const window = { left: 0, top: 0, width: 4, height: 4 };
    expect(() => convolveNatively(of, kernel, 'zero', window, new Uint8Array(48))).toThrow(/do not fit the sides/);
    expect(() =>
      convolveNatively({ ...of, data: new Uint8Array(48) }, kernel, 'zero', window, new Uint8Array(47)),
    ).toThrow(/do not fit the sides/);
    const odd = { ...kernel, dx: Int16Array.of(1) };
    expect(() =>
      convolveNatively({ ...of, data: new Uint8Array(48) }, odd, 'zero', window, new Uint8Array(48)),
    ).toThrow(/do not fit the sides/);
  });
});
