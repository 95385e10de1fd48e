import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  loadEngine,
  Parameters,
  Random,
  writeSafetensors,
  type Engine,
  type StateDict,
  weightsOnDisk,
} from '@dualprior/core';
import { gradientError, randomTensor } from '@dualprior/core/testing/gradient-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { squeezenet } from './architectures/squeezenet.ts';
import { contextualLoss } from './contextual/contextual.ts';
import { InceptionV3Substitute } from './inception-v3-substitute.ts';
import { MobileNetV2Substitute } from './mobilenet-v2-substitute.ts';
import { patches, starts } from './contextual/patches.ts';
import { PatchwiseContextual } from './contextual/patchwise-contextual.ts';
import { Perceptual } from './lpips/perceptual.ts';
import { SqueezeNetFeatures } from './squeezenet.ts';
import { Vgg16Features } from './vgg16.ts';
import { Vgg19Features } from './vgg19.ts';
import { LpipsMetric } from '../metrics/lpips.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

const image = (seed: number, side = 64, batch = 1): Tensor4D =>
  tf.randomUniform([batch, side, side, 3], 0, 1, 'float32', seed);
const numberOf = (scalar: tf.Tensor) => scalar.dataSync()[0]!;

describe('patches', () => {
  test('cover the image; the last ones are moved back', () => {
    expect([starts(64, 32), starts(70, 32), starts(32, 32)]).toEqual([[0, 32], [0, 32, 38], [0]]);
  });

  test('four at 64x64, all images of one place together', () => {
    const x = image(1, 64, 2);
    const { images, places } = patches(x, 32);
    expect([images.shape, places]).toEqual([[8, 32, 32, 3], 4]);
    const second = tf.slice(x, [0, 0, 32, 0], [2, 32, 32, 3]);
    expect([...tf.slice(images, [2, 0, 0, 0], [2, 32, 32, 3]).dataSync()]).toEqual([...second.dataSync()]);
  });

  test('larger than the image are an error', () => {
    expect(() => patches(image(1, 16), 32)).toThrow(/patch of 32x32 pixels is larger than the image, which is 16x16/);
  });
});

describe('the contextual loss', () => {
  const extractor = new MobileNetV2Substitute({});
  const options = { features: extractor, bandwidth: 0.5, patch: 32 };

  beforeAll(() => extractor.prepare());
  afterAll(() => extractor.dispose());

  test('is the mean of the loss over the patches', () => {
    const [x, y] = [image(1, 64, 2), image(2, 64, 2)];
    const whole = numberOf(new PatchwiseContextual(options).compute(x, y)[0]!);
    const places = [0, 32].flatMap((top) => [0, 32].map((left) => [0, top, left, 0]));
    const single = places.map((begin) => {
      const [a, b] = [x, y].map((all): Tensor4D => tf.slice(all, begin, [2, 32, 32, 3]));
      const [u, v] = [a!, b!].map((patch) => extractor.taps(patch, ['block_2_add'])[0]!);
      return numberOf(contextualLoss(u!, v!, 0.5, 1));
    });
    expect(whole).toBeCloseTo(single.reduce((sum, loss) => sum + loss, 0) / 4, 5);
    expect(new Set(single.map((loss) => loss.toFixed(5))).size).toBeGreaterThan(1);
  });

  test('takes two images and their features at once or one after the other, eager or compiled, to the same end', () => {
    const x = tf.randomUniform([4, 3, 4, 5], -1, 1, 'float32', 1) as Tensor4D;
    const y = tf.randomUniform([4, 3, 4, 5], -1, 1, 'float32', 2) as Tensor4D;
    const valueAndSlopes = (together: number) => (a: Tensor4D, b: Tensor4D) => {
      const loss = (p: tf.Tensor, q: tf.Tensor) => contextualLoss(p as Tensor4D, q as Tensor4D, 0.5, 2, together);
      const { value, grads } = tf.valueAndGrads(loss)([a, b]);
      return [value, ...grads];
    };
    const numbers = (tensors: readonly tf.Tensor[]) => tensors.flatMap((tensor) => [...tensor.dataSync()]);
    const whole = numbers(valueAndSlopes(1e9)(x, y));
    for (const together of [1, 2 * 144, 3 * 144]) {
      const step = engine.compile(valueAndSlopes(together));
      for (const other of [numbers(valueAndSlopes(together)(x, y)), numbers(step.run(x, y))]) {
        expect(Math.max(...other.map((number, i) => Math.abs(number - whole[i]!)))).toBeLessThan(2e-6);
      }
      step.dispose();
    }
  });

  test('has the gradient that differences give, also where features are equal', () => {
    const x = randomTensor([2, 2, 3, 4], 1) as Tensor4D;
    const y = randomTensor([2, 2, 3, 4], 2) as Tensor4D;
    const loss = (a: tf.Tensor, b: tf.Tensor) => contextualLoss(a as Tensor4D, b as Tensor4D, 0.5, 2);
    expect(gradientError(loss, [x, y], { step: 2e-3 })).toBeLessThan(5e-3);
    const flat = tf.ones([1, 3, 3, 4]) as Tensor4D;
    const slopes = tf.grads((a: tf.Tensor, b: tf.Tensor) => contextualLoss(a as Tensor4D, b as Tensor4D, 0.5))([
      flat,
      flat,
    ]);
    for (const slope of slopes) expect([...slope.dataSync()].every(Number.isFinite)).toBe(true);
  });

  test('is least for the same image', () => {
    const loss = new PatchwiseContextual(options);
    const x = image(1);
    expect(numberOf(loss.compute(x, x)[0]!)).toBeLessThan(numberOf(loss.compute(image(2), x)[0]!));
  });

  test('names a layer that does not exist, and a patch too small', () => {
    expect(() => new PatchwiseContextual({ ...options, layers: ['block_2_ad'] })).toThrow(/did you mean "block_2_add"/);
    const vast = { ...options, features: new InceptionV3Substitute({}) };
    expect(() => new PatchwiseContextual(vast)).toThrow(/for metrics/);
  });
});

describe('a perceptual distance', () => {
  test('with a substitute is zero for the same image, more for another, and has a gradient', async () => {
    const perceptual = new Perceptual(new MobileNetV2Substitute({}), undefined, weightsOnDisk);
    await perceptual.prepare();
    const x = image(1);
    const near = tf.clipByValue(tf.add(x, tf.mul(0.02, tf.sub(image(3), 0.5))), 0, 1) as Tensor4D;
    const [same, close, far] = [x, near, image(2)].map((other) => numberOf(perceptual.distances(x, other)));
    expect(same).toBeCloseTo(0, 6);
    expect(close!).toBeGreaterThan(1e-5);
    expect(far!).toBeGreaterThan(2 * close!);
    const slope = tf.grad((y: tf.Tensor) => tf.sum(perceptual.distances(y as Tensor4D, x)) as Scalar)(near);
    expect(numberOf(tf.max(tf.abs(slope)))).toBeGreaterThan(1e-7);
    perceptual.dispose();
  });

  test('compiled and eager are the same; nothing is left behind', async () => {
    const before = engine.tensors();
    const perceptual = new Perceptual(new MobileNetV2Substitute({}), undefined, weightsOnDisk);
    await perceptual.prepare();
    await perceptual.prepare();
    tf.tidy(() => {
      const step = engine.compile((a: Tensor4D, b: Tensor4D) => perceptual.distances(a, b));
      const [x, y] = [image(1), image(2)];
      expect(numberOf(step.run(x, y))).toBe(numberOf(perceptual.distances(x, y)));
      step.dispose();
    });
    perceptual.dispose();
    expect(engine.tensors()).toBe(before);
  });

  test('an official extractor wants its heads, a substitute has none', () => {
    expect(() => new Perceptual(new MobileNetV2Substitute({}), 'heads.pth', weightsOnDisk)).toThrow(/no heads for it/);
    const folder = mkdtempSync(join(tmpdir(), 'features-'));
    const file = join(folder, 'vgg16.safetensors');
    writeFileSync(file, '');
    expect(() => new Perceptual(new Vgg16Features({ weights: file }), undefined, weightsOnDisk)).toThrow(
      /needs its trained `heads`/,
    );
  });
});

test('the contextual loss looks at a quarter of the resolution by default, where the official code does', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'features-')), 'weights.safetensors');
  writeFileSync(file, '');
  const extractors = [Vgg19Features, Vgg16Features, SqueezeNetFeatures].map(
    (Extractor) => new Extractor({ weights: file }),
  );
  expect(extractors.map(({ contextualLayer }) => contextualLayer)).toEqual(['relu3_4', 'relu3_3', undefined]);
});

describe('weights of an extractor', () => {
  /** SqueezeNet with weights of a file that are edited before. */
  function squeezenetOf(edit: (state: StateDict) => void): SqueezeNetFeatures {
    const file = join(mkdtempSync(join(tmpdir(), 'features-')), 'weights.safetensors');
    const parameters = new Parameters(squeezenet(), new Random(1));
    const state = parameters.stateDict();
    parameters.dispose();
    edit(state);
    writeSafetensors(file, state);
    return new SqueezeNetFeatures({ weights: file });
  }

  test('of another architecture are an error with the names', async () => {
    const extractor = squeezenetOf((state) => {
      state.set('features.99.bias', state.get('features.0.bias')!);
      state.delete('features.0.bias');
    });
    await expect(extractor.prepare()).rejects.toThrow(/features\.0\.bias: missing[^]*features\.99\.bias: unknown/);
  });

  test('that are not finite are an error with the tensor, where the extractor takes them', async () => {
    const extractor = squeezenetOf((state) => (state.get('features.0.bias')!.values[3] = -Infinity));
    await expect(extractor.prepare()).rejects.toThrow(
      /weights\.safetensors holds numbers that are not finite: -Infinity in "features\.0\.bias" \(1 of 64\)\./,
    );
    const classifier = { shape: [1], values: Float32Array.of(NaN) };
    const other = squeezenetOf((state) => state.set('classifier.1.bias', classifier));
    await other.prepare();
    other.dispose();
  });

  test('that are not there are an error', () => {
    expect(() => new Vgg16Features({ weights: '/nowhere/vgg16.pth' })).toThrow(/no weights file/);
  });
});

describe('the metric', () => {
  const picture = (seed: number, side = 32) => ({
    width: side,
    height: side,
    data: Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * seed * 2654435761) >>> 24),
  });

  test('is named after the substitute that it is made with', async () => {
    const metric = new LpipsMetric({ features: new InceptionV3Substitute({}) });
    expect(metric.columns).toMatchObject([{ name: 'lpips_substitute', better: 'lower' }]);
    await metric.prepare();
    expect(metric.measure(picture(1, 96), picture(1, 96))[0]).toBeCloseTo(0, 6);
    expect(metric.measure(picture(1, 96), picture(7, 96))[0]).toBeGreaterThan(0.01);
    expect(() => metric.measure(picture(1, 8), picture(1, 8))).toThrow(/8x8, but its sides must be at least/);
    expect(() => metric.measure(picture(1, 64), picture(1, 96))).toThrow(
      /64x64 cannot be compared with a sharp one of 96x96/,
    );
    metric.dispose();
  });
});
