import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Random } from '@dualprior/core';
import type { Image, Window } from '../../images/image.ts';
import { CameraShake } from '../../kernels/camera-shake.ts';
import { MotionBlur } from '../motion-blur.ts';
import { blurOnDevice } from './blur-on-device.ts';

beforeAll(() => void loadEngine());

const random = new Random(3);
const kernels = new CameraShake({ count: 10, size: 71, reference: 128 });
const OPTIONS = { kernels, border: 'reflect', noise: 0, quantize: true } as const;

function image(width: number, height: number): Image {
  const stream = random.stream('image');
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256)) };
}

/** Levels of 8 bits, by a device. */
function onDevice(blur: MotionBlur, sharp: Image, stream: string, window?: Window): Float32Array {
  const drawn = blur.bindForDevice(random)(sharp, random.stream(stream), window);
  const made = blurOnDevice(drawn);
  expect(made.shape).toEqual([drawn.height, drawn.width, 3]);
  return made.dataSync<'float32'>().map((value) => 255 * value);
}

const onHost = async (blur: MotionBlur, sharp: Image, stream: string, window?: Window) =>
  (await blur.bind(random)(sharp, random.stream(stream), window)).data;

/** The largest difference of two lists of one length. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a).toHaveLength(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('a blur by a device is that by the processor', () => {
  const sharp = image(48, 40);

  test.each(['reflect', 'replicate', 'zero'] as const)('border %s, whole and in a window', async (border) => {
    const blur = new MotionBlur({ ...OPTIONS, border, quantize: false });
    for (const window of [undefined, { left: 0, top: 31, width: 7, height: 9 }]) {
      expect(apart(onDevice(blur, sharp, 'a', window), await onHost(blur, sharp, 'a', window))).toBeLessThan(2e-3);
    }
  });

  test('in light, clipped', async () => {
    const blur = new MotionBlur({ ...OPTIONS, quantize: false, space: 'linear', saturation: 4 });
    const [device, host] = [onDevice(blur, sharp, 'a'), await onHost(blur, sharp, 'a')];
    expect(apart(device, host)).toBeLessThan(0.01);
    const dark: Image = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3).fill(3) };
    expect(onDevice(blur, dark, 'a')[0]).toBeCloseTo(3, 3);
  });

  test('rounded, but for values at a half', async () => {
    const [rounded, exact] = [true, false].map((quantize) => new MotionBlur({ ...OPTIONS, quantize }));
    const [device, host] = [onDevice(rounded!, sharp, 'b'), await onHost(rounded!, sharp, 'b')];
    const values = await onHost(exact!, sharp, 'b');
    const other = [...device.keys()].filter((i) => Math.round(device[i]!) !== host[i]);
    expect(device.every((value) => Math.abs(value - Math.round(value)) < 1e-4)).toBe(true);
    for (const i of other) expect(Math.abs((values[i]! % 1) - 0.5)).toBeLessThan(2e-3);
    expect(other.length).toBeLessThan(0.005 * device.length);
  });
});

describe('noise', () => {
  const flat: Image = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(128) };

  test('has the given deviation, and follows from the stream alone', () => {
    const blur = new MotionBlur({ ...OPTIONS, noise: 5, quantize: false });
    const [one, again, other] = ['n', 'n', 'm'].map((stream) => onDevice(blur, flat, stream));
    expect(one).toEqual(again);
    expect(apart(one!, other!)).toBeGreaterThan(5);
    const deviations = Array.from(one!, (value) => value - 128);
    const variance = deviations.reduce((sum, value) => sum + value ** 2, 0) / deviations.length;
    expect(Math.sqrt(variance)).toBeGreaterThan(4.8);
    expect(Math.sqrt(variance)).toBeLessThan(5.2);
    expect(Math.abs(deviations.reduce((sum, value) => sum + value, 0) / deviations.length)).toBeLessThan(0.2);
  });

  test('is clipped and rounded with the image', () => {
    const white: Image = { ...flat, data: new Uint8Array(64 * 64 * 3).fill(254) };
    const levels = onDevice(new MotionBlur({ ...OPTIONS, noise: 5 }), white, 'n').map(Math.round);
    expect(Math.max(...levels)).toBe(255);
    expect(Math.min(...levels)).toBeLessThan(250);
  });
});
