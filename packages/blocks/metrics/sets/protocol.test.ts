import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { stackImages, type Image } from '../../images/image.ts';
import { drawnExtractor } from '../testing/drawn-extractor.ts';
import { ImageVectors } from './image-vectors.ts';
import { cleanImages } from './protocol.ts';

interface Numbers {
  /** The stride of the values that are kept. */
  readonly every: number;
  readonly cases: readonly {
    readonly width: number;
    readonly height: number;
    readonly mean: number;
    readonly values: readonly number[];
  }[];
}

/** By the Python package clean-fid: `testing/clean-fid-numbers.py`. */
const numbers = JSON.parse(
  readFileSync(new URL('../testing/clean-fid-numbers.json', import.meta.url), 'utf8'),
) as Numbers;

beforeAll(() => {
  loadEngine();
});

/** The picture of `clean-fid-numbers.py`. */
function picture(width: number, height: number): Image {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const edges = 80 * Math.sign(Math.sin((x * x + y * y) / 300));
    const waves = 128 + 60 * Math.sin(x / 7 + c) * Math.cos(y / 5 - c) + edges;
    return Math.min(255, Math.max(0, Math.floor(waves)));
  });
  return { width, height, data };
}

function tensorOf(image: Image): Tensor4D {
  return tf.tensor4d(stackImages([image]), [1, image.height, image.width, 3]);
}

describe("clean-fid's protocol", () => {
  test.each(numbers.cases)('shows the network what the package does of $width x $height', (known) => {
    const image = picture(known.width, known.height);
    const seen = tf.sub(tf.mul(cleanImages(tensorOf(image)), 2), 1); // as FID's Inception does of what it is given
    expect(seen.shape).toEqual([1, 299, 299, 3]);
    const values = [...seen.dataSync()].filter((_, i) => i % numbers.every === 0);
    expect(values).toHaveLength(known.values.length);
    const apart = values.map((value, i) => Math.abs(value - known.values[i]!));
    expect(Math.max(...apart)).toBeLessThan(4e-6);
    expect(tf.mean(seen).dataSync()[0]).toBeCloseTo(known.mean, 5);
  });

  test('gives vectors of what it shows, under another key, of images of any size', async () => {
    const own = new ImageVectors(drawnExtractor(), 'clean-fid');
    const plain = new ImageVectors(drawnExtractor());
    expect(new ImageVectors(drawnExtractor(), 'pytorch-fid').key).toBe(plain.key);
    expect(own.key).not.toBe(plain.key);
    expect(own.description).toMatch(/^drawn features, images resized to 299x299 as clean-fid does/);
    await own.prepare();
    const image = picture(40, 33);
    const found = own.of([image, picture(64, 64)]);
    const mean = tf.mean(cleanImages(tensorOf(image)), [1, 2]).dataSync();
    expect([...found.slice(6, 9)]).toEqual([...mean].map((value) => expect.closeTo(value, 5) as unknown));
    own.dispose();
  });
});
