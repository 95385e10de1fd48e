import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random, roiAlign, type Engine, type StateDict, gradientOf } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { facialComponentLoss, facialComponentTerms } from '../losses/adversarial/facial-component-losses.ts';
import { FacialComponentDiscriminator } from '../networks/facial-component-discriminator.ts';
import { perFacialPart } from './facial-parts.ts';
import { facialRegions, SMALLEST_FACE } from './facial-regions.ts';

/** Numbers of PyTorch; `made` says how they were made. Images are NHWC. */
interface Reference {
  readonly made: string;
  /** Names and shapes of the official state dict. */
  readonly names: readonly string[];
  readonly regions: readonly {
    readonly size: number;
    readonly boxes: number[][];
    /** Every 5th number. */
    readonly values: number[];
    readonly gradientNorm: number;
    /** Every 173rd number of the gradient of the sum of the values times sin(their index). */
    readonly gradient: number[];
  }[];
  readonly discriminator: readonly {
    readonly side: number;
    /** The first of them. */
    readonly logits: number[];
    readonly logitsShape: number[];
    readonly adversarial: number;
    readonly style: number;
    readonly discriminator: number;
    /** The gradient (and its norm) of adversarial + 200 style, with respect to the image in [-1, 1]. */
    readonly gradientNorm: number;
    readonly gradient: number[];
  }[];
}

const REFERENCE = JSON.parse(
  readFileSync(new URL('./facial-components.reference.json', import.meta.url), 'utf8'),
) as unknown as Reference;

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

function images(side: number, wave: (n: number, y: number, x: number, c: number) => number): Tensor4D {
  const values = Float32Array.from({ length: 2 * side * side * 3 }, (_, i) => {
    const [c, x, y, n] = [
      i % 3,
      Math.floor(i / 3) % side,
      Math.floor(i / 3 / side) % side,
      Math.floor(i / 3 / side ** 2),
    ];
    return 0.5 + 0.5 * Math.sin(wave(n, y, x, c));
  });
  return tf.tensor4d(values, [2, side, side, 3]);
}

const prediction = (side: number) => images(side, (n, y, x, c) => 0.9 * y + 0.31 * x * (c + 1) + n);
const target = (side: number) => images(side, (n, y, x, c) => 0.5 * y - 0.23 * x + c + 2 * n);
const signed = (image: Tensor4D): Tensor4D => tf.sub(tf.mul(image, 2), 1);
const number = (tensor: Tensor) => tensor.dataSync()[0]!;
const every = (tensor: Tensor, step: number) => [...tensor.dataSync()].filter((_, i) => i % step === 0);
const close = (values: readonly number[], digits: number) =>
  values.map((value) => expect.closeTo(value, digits) as unknown);

/** Numbers that PyTorch can make as well. */
function formulaState(module: FacialComponentDiscriminator): StateDict {
  const sorted = [...module.parameters()].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    sorted.map(([name, { shape, size }], k) => {
      const scale = shape.length > 1 ? 1 : 0.1;
      return [
        name,
        { shape, values: Float32Array.from({ length: size }, (_, i) => scale * Math.sin(0.618 * i * i + k)) },
      ];
    }),
  );
}

describe('regions of interest', () => {
  const weighted = (values: Tensor) => tf.mul(values, tf.reshape(tf.sin(tf.range(0, values.size)), values.shape));

  test.each(REFERENCE.regions)('are what PyTorch cuts out, with the gradient: $boxes to $size pixels', (expected) => {
    const { size } = expected;
    const boxes: Tensor2D = tf.tensor2d(expected.boxes);
    const compute = (image: Tensor) => tf.sum(weighted(roiAlign(image as Tensor4D, boxes, size)));
    const x = prediction(40);
    const gradient = tf.grad(compute)(x);
    expect(every(roiAlign(x, boxes, size), 5)).toEqual(close(expected.values, 4));
    expect(number(tf.norm(gradient)) / expected.gradientNorm).toBeCloseTo(1, 4);
    expect(every(gradient, 173)).toEqual(close(expected.gradient, 4));
  });

  test('by hand: a box of the pixels 1 to 3 of a ramp, sampled twice for each of two', () => {
    const ramp = tf.tensor4d([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4], [1, 5, 5, 1]);
    const region = roiAlign(ramp, tf.tensor2d([[0.5, 1, 3.5, 4]]), 2);
    expect([...region.dataSync()]).toEqual(close([1.25, 2.75, 1.25, 2.75], 5));
  });

  test('a step compiled once takes other boxes', () => {
    const step = engine.compile((image: Tensor4D, boxes: Tensor2D) => [roiAlign(image, boxes, 5)]);
    const x = prediction(40);
    for (const box of [
      [1, 2, 9, 10],
      [3.5, 0.5, 38, 35],
    ]) {
      const boxes = tf.tensor2d([box, box.map((value) => value / 2)]);
      const [compiled] = step.run(x, boxes);
      expect(number(tf.max(tf.abs(tf.sub(compiled!, roiAlign(x, boxes, 5)))))).toBeLessThan(1e-5);
    }
    step.dispose();
  });

  test('of a face of 64 pixels: eyes of 10, a mouth of 15, in [-1, 1]', () => {
    const whole = [0, 0, 63, 63];
    const boxes: Tensor3D = tf.tensor3d([
      [whole, whole, whole],
      [whole, whole, whole],
    ]);
    const regions = facialRegions(tf.ones([2, 64, 64, 3]), boxes);
    expect(Object.values(regions).map(({ shape }) => shape)).toEqual([
      [2, 10, 10, 3],
      [2, 10, 10, 3],
      [2, 15, 15, 3],
    ]);
    expect(number(tf.min(regions.mouth))).toBeCloseTo(1, 5);
    const dark = facialRegions(tf.zeros([2, 64, 64, 3]), boxes);
    expect(number(tf.max(dark.left_eye))).toBeCloseTo(-1, 5);
  });
});

describe('the discriminator of a part', () => {
  test('has the official names and shapes', () => {
    const found = [...new FacialComponentDiscriminator({ width: 64 }).parameters()];
    const lines = found.map(([name, { shape }]) => `${name} ${shape.join()}`);
    expect(lines.sort()).toEqual([...REFERENCE.names].sort());
  });

  test.each(REFERENCE.discriminator)('says of $side pixels what the official one does, with its losses', (expected) => {
    const discriminator = new FacialComponentDiscriminator({ width: 4 });
    const parameters = new Parameters(discriminator, formulaState(discriminator));
    const [x, y] = [signed(prediction(expected.side)), signed(target(expected.side))];
    const one = perFacialPart(() => discriminator);
    const terms = (image: Tensor4D) =>
      facialComponentTerms(
        one,
        perFacialPart(() => image),
        perFacialPart(() => y),
      );
    parameters.use(() => {
      const { logits } = discriminator.judge(x);
      expect(logits.shape).toEqual(expected.logitsShape);
      expect([...logits.dataSync()].slice(0, expected.logits.length)).toEqual(close(expected.logits, 5));
      const { adversarial, style } = terms(x);
      expect(number(adversarial) / 3).toBeCloseTo(expected.adversarial, 5);
      expect(number(style) / 3 / expected.style).toBeCloseTo(1, 4);
      expect(number(facialComponentLoss(discriminator, x, y))).toBeCloseTo(expected.discriminator, 5);
    });
    const total = (image: Tensor) =>
      parameters.use(() => {
        const { adversarial, style } = terms(image as Tensor4D);
        return tf.add(adversarial, tf.mul(200, style));
      });
    const gradient = tf.div(tf.grad(total)(x), 3);
    expect(number(tf.norm(gradient)) / expected.gradientNorm).toBeCloseTo(1, 3);
    const step = Math.floor(gradient.size / 7);
    expect(every(tf.div(gradient, expected.gradientNorm), step)).toEqual(
      close(
        expected.gradient.map((slope) => slope / expected.gradientNorm),
        4,
      ),
    );
    parameters.dispose();
  });

  test('learns to tell parts apart, and takes those of the smallest face', () => {
    const discriminator = new FacialComponentDiscriminator({ width: 4 });
    const parameters = new Parameters(discriminator, new Random(1));
    const boxes: Tensor3D = tf.tensor3d(
      new Array(2).fill([
        [4, 4, 12, 12],
        [20, 4, 28, 12],
        [8, 18, 24, 30],
      ]),
    );
    const [fake, real] = [prediction, target].map((make) => facialRegions(make(SMALLEST_FACE), boxes));
    const loss = () => facialComponentLoss(discriminator, fake!.left_eye, real!.left_eye);
    const first = gradientOf(parameters, loss);
    parameters.vector.assign(tf.sub(parameters.vector, tf.mul(0.05, first.gradient)));
    expect(number(gradientOf(parameters, loss).value)).toBeLessThan(number(first.value));
    parameters.dispose();
  });
});
