import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Stream, weightsOnDisk } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { loadLayersModel, model as modelOf, type LayersModel } from '@tensorflow/tfjs-layers';
import { ImageVectors } from '../metrics/sets/image-vectors.ts';
import type { FeatureExtractor } from './feature-extractor.ts';
import { InceptionV3Substitute } from './inception-v3-substitute.ts';
import { describePackagedModel, packagedWeights, type PackagedModel } from './keras/packaged-model.ts';
import { MobileNetV2Substitute } from './mobilenet-v2-substitute.ts';
import { Perceptual } from './lpips/perceptual.ts';

/** The same networks by TensorFlow.js's own reading of Keras models, and what is compared of them. */
const SUBSTITUTES = [
  {
    packaged: 'mobilenet_v2',
    side: 224,
    make: (): FeatureExtractor => new MobileNetV2Substitute({}),
    perceptual: ['Conv1_relu', 'block_2_add', 'block_5_add', 'block_12_add'],
    contextual: 'block_2_add',
    sets: undefined,
  },
  {
    packaged: 'inception_v3',
    side: 299,
    make: (): FeatureExtractor => new InceptionV3Substitute({}),
    perceptual: ['activation_3', 'activation_5', 'mixed2', 'mixed7'],
    contextual: undefined,
    sets: ['mixed10', 'max_pooling2d_2'],
  },
] as const;

/** Others of this network share its weights, as long as it has them. */
const kept = new InceptionV3Substitute({});

beforeAll(async () => {
  loadEngine();
  await kept.prepare();
});
afterAll(() => kept.dispose());

const wholeModels = new Map<PackagedModel, Promise<LayersModel>>();

async function kerasModel(packaged: PackagedModel, layers: readonly string[]): Promise<LayersModel> {
  const loading = wholeModels.get(packaged) ?? loadWhole(packaged);
  wholeModels.set(packaged, loading);
  const whole = await loading;
  return modelOf({ inputs: whole.inputs, outputs: layers.map((name) => whole.getLayer(name).output as never) });
}

function loadWhole(packaged: PackagedModel): Promise<LayersModel> {
  const { modelTopology, weightsManifest } = describePackagedModel(packaged);
  const artifacts = {
    modelTopology: modelTopology as object,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights) as never,
    weightData: Uint8Array.from(packagedWeights(packaged)).buffer,
  };
  return loadLayersModel({ load: () => Promise.resolve(artifacts) });
}

const image = (height: number, width: number, key: string): Tensor4D => {
  const stream = new Stream(key);
  const bytes = Float32Array.from({ length: height * width * 3 }, () => stream.integer(256));
  return tf.div(tf.tensor4d(bytes, [1, height, width, 3]), 255);
};

/** Largest difference over the largest number. */
function relativeError(ours: tf.Tensor, theirs: tf.Tensor): number {
  expect(ours.shape).toEqual(theirs.shape);
  const largest = (x: tf.Tensor) => tf.max(tf.abs(x)).dataSync()[0]!;
  return largest(tf.sub(ours, theirs)) / largest(theirs);
}

/** Mean over positions of the squared distance of feature vectors of length 1. */
function unitDistance(first: tf.Tensor, second: tf.Tensor): number {
  const channels = first.shape.at(-1)!;
  const [a, b] = [first.dataSync(), second.dataSync()];
  let sum = 0;
  for (let start = 0; start < a.length; start += channels) {
    const [p, q] = [a, b].map((x) => x.slice(start, start + channels)).map((row) => [row, lengthOf(row)] as const);
    for (let c = 0; c < channels; c++) sum += (p![0][c]! / p![1] - q![0][c]! / q![1]) ** 2;
  }
  return (sum * channels) / a.length;
}

/** 1 for zeros, which stay zeros. */
function lengthOf(row: tf.TypedArray): number {
  let sum = 0;
  for (let c = 0; c < row.length; c++) sum += row[c]! ** 2;
  return Math.sqrt(sum) || 1;
}

describe.each(SUBSTITUTES)('the substitute $packaged', ({ packaged, side, make, perceptual, contextual, sets }) => {
  const layers = [...perceptual, ...(sets ?? [])];
  let extractor: FeatureExtractor;
  let images: readonly Tensor4D[];
  /** The features of each image that Keras gives. */
  let activations: readonly Tensor4D[][];

  beforeAll(async () => {
    const keras = await kerasModel(packaged, layers);
    extractor = make();
    await extractor.prepare();
    images = ['x', 'y'].map((key) => image(side, side, key));
    activations = images.map((x) => keras.predict(x) as Tensor4D[]);
  });

  afterAll(() => extractor.dispose());

  test('names the layers that are compared', () => {
    expect(extractor.perceptualLayers.map(({ name }) => name)).toEqual(perceptual);
    expect(extractor.contextualLayer).toBe(contextual);
    expect(extractor.sets?.layers.map(({ name }) => name)).toEqual(sets);
  });

  test('has the features that Keras gives, and their channels', () => {
    const [theirs] = activations as [Tensor4D[]];
    const ours = extractor.taps(images[0]!, layers);
    ours.forEach((features, i) => expect(relativeError(features, theirs[i]!)).toBeLessThan(1e-4));
    const named = [...extractor.perceptualLayers, ...(extractor.sets?.layers ?? [])];
    expect(named.map(({ channels }) => channels)).toEqual(theirs.map(({ shape }) => shape[3]));
  });

  test('its perceptual distance is the mean over the layers of the distance of unit vectors', async () => {
    const [x, y] = images as [Tensor4D, Tensor4D];
    const [first, second] = activations as [Tensor4D[], Tensor4D[]];
    const each = perceptual.map((_, i) => unitDistance(first[i]!, second[i]!));
    const distance = new Perceptual(make(), undefined, weightsOnDisk);
    await distance.prepare();
    const expected = each.reduce((sum, value) => sum + value, 0) / each.length;
    expect(distance.distances(x, y).dataSync()[0]! / expected).toBeCloseTo(1, 4);
    distance.dispose();
  });
});

/** Bilinear, the centres of pixels at half-integers, no antialiasing. */
function resized(x: number[][][], side: number): number[][][] {
  const at = (i: number, length: number) => {
    const place = Math.min(Math.max(((i + 0.5) * length) / side - 0.5, 0), length - 1);
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, length - 1), share: place - low };
  };
  return Array.from({ length: side }, (_, i) => {
    const row = at(i, x.length);
    return Array.from({ length: side }, (__, j) => {
      const column = at(j, x[0]!.length);
      const mix = (line: number[][], c: number) =>
        line[column.low]![c]! * (1 - column.share) + line[column.high]![c]! * column.share;
      return [0, 1, 2].map((c) => mix(x[row.low]!, c) * (1 - row.share) + mix(x[row.high]!, c) * row.share);
    });
  });
}

test('vectors of images are the means over the plane of what Keras makes of them, resized', async () => {
  const small = image(40, 36, 'small');
  const large = tf.tensor4d([resized((small.arraySync() as number[][][][])[0]!, 299)]);
  const keras = await kerasModel('inception_v3', ['mixed10', 'max_pooling2d_2']);
  const expected = (keras.predict(large) as Tensor4D[]).flatMap((features) => [
    ...tf.mean(features, [0, 1, 2]).dataSync(),
  ]);
  const vectors = new ImageVectors(new InceptionV3Substitute({}));
  await vectors.prepare();
  const data = Uint8Array.from(tf.mul(small, 255).dataSync(), Math.round);
  const ours = vectors.of([{ width: 36, height: 40, data }]);
  expect(ours).toHaveLength(2048 + 192);
  expect(relativeError(tf.tensor1d(ours), tf.tensor1d(expected))).toBeLessThan(1e-4);
  vectors.dispose();
});

test('at another side they are the means of the features at that side', async () => {
  const small = image(40, 36, 'small');
  const large = tf.tensor4d([resized((small.arraySync() as number[][][][])[0]!, 128)]);
  const extractor = new InceptionV3Substitute({});
  const vectors = new ImageVectors(extractor, 'pytorch-fid', 128);
  expect(vectors.description).toContain('images resized to 128x128 (');
  await vectors.prepare();
  const features = extractor.taps(large, ['mixed10', 'max_pooling2d_2']);
  const expected = features.flatMap((layer) => [...tf.mean(layer, [0, 1, 2]).dataSync()]);
  const data = Uint8Array.from(tf.mul(small, 255).dataSync(), Math.round);
  const ours = vectors.of([{ width: 36, height: 40, data }]);
  expect(relativeError(tf.tensor1d(ours), tf.tensor1d(expected))).toBeLessThan(1e-4);
  vectors.dispose();
});
