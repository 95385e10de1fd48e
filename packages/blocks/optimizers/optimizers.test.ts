import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Stream } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { ConstantSchedule } from '../schedules/constant.ts';
import { CosineSchedule } from '../schedules/cosine.ts';
import { Adam } from './adam.ts';
import { AdamW } from './adamw.ts';
import { clipFactor } from './adam/adam-family.ts';
import type { Optimizer, Vector } from './optimizer.ts';

beforeAll(() => {
  loadEngine();
});

const COUNT = 7;

interface Settings {
  betas: [number, number];
  epsilon: number;
  weightDecay: number;
  clipNorm?: number;
}

const KINDS = {
  adam: { decoupled: false, create: Adam },
  adamw: { decoupled: true, create: AdamW },
} as const;
type Name = keyof typeof KINDS;

function create(name: Name, settings: Settings): Optimizer {
  return new KINDS[name].create({ learningRate: 1e-2, schedule: new ConstantSchedule(), ...settings });
}

/** The optimizers in float64, one number after the other, as PyTorch's documentation writes them. */
function reference(name: Name, { betas: [b1, b2], epsilon, weightDecay, clipNorm: maximum }: Settings) {
  const [m, v] = [new Array<number>(COUNT).fill(0), new Array<number>(COUNT).fill(0)];
  let t = 0;
  return (parameters: number[], gradient: number[], rate: number): number[] => {
    t++;
    const norm = Math.hypot(...gradient);
    const clip = maximum === undefined ? 1 : Math.min(1, maximum / (norm + 1e-6));
    return parameters.map((parameter, i) => {
      let theta = parameter;
      let g = gradient[i]! * clip;
      if (KINDS[name].decoupled) theta -= rate * weightDecay * theta;
      else g += weightDecay * theta;
      m[i] = b1 * m[i]! + (1 - b1) * g;
      v[i] = b2 * v[i]! + (1 - b2) * g * g;
      return theta - (rate * (m[i]! / (1 - b1 ** t))) / (Math.sqrt(v[i]! / (1 - b2 ** t)) + epsilon);
    });
  };
}

function normal(stream: Stream): number[] {
  return Array.from({ length: COUNT }, () => Math.fround(stream.normal()));
}

/** Gradients and rates of a training whose gradients vary in size. */
function training(steps: number): { gradient: number[]; rate: number }[] {
  const stream = new Stream('gradients');
  return Array.from({ length: steps }, (_, i) => ({
    gradient: normal(stream).map((g) => Math.fround(g * 10 ** stream.uniform(-3, 1))),
    rate: Math.fround(0.01 / (1 + i / 10)),
  }));
}

/** As the gradient of a network of two parameters. */
function pieces(gradient: number[]): Tensor[] {
  return [tf.tensor2d(gradient.slice(0, 4), [2, 2]), tf.tensor1d(gradient.slice(4))];
}

function run(optimizer: Optimizer, parameters: Vector, state: Map<string, Vector>, steps: ReturnType<typeof training>) {
  for (const { gradient, rate } of steps) {
    tf.tidy(() => {
      optimizer.update(parameters, pieces(gradient), state, tf.scalar(rate));
    });
  }
}

function dispose(parameters: Vector, state: Map<string, Vector>): void {
  for (const variable of [parameters, ...state.values()]) variable.dispose();
}

const SETTINGS: [string, Settings][] = [
  ['PyTorch defaults', { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0 }],
  ['NAFNet', { betas: [0.9, 0.9], epsilon: 1e-8, weightDecay: 1e-3, clipNorm: 0.01 }],
  ['StyleGAN2 (beta1 0)', { betas: [0, 0.99], epsilon: 1e-8, weightDecay: 0 }],
  ['strong decay, loose clip', { betas: [0.8, 0.95], epsilon: 1e-3, weightDecay: 0.5, clipNorm: 3 }],
];

describe.each(['adam', 'adamw'] as const)('%s', (name) => {
  test.each(SETTINGS)('equals a float64 reference over 50 steps: %s', (_, settings) => {
    const optimizer = create(name, settings);
    const start = normal(new Stream('parameters'));
    const parameters: Vector = tf.variable(tf.tensor1d(start));
    const state = optimizer.state(COUNT);
    const steps = training(50);
    run(optimizer, parameters, state, steps);
    const update = reference(name, settings);
    const expected = steps.reduce((theta, { gradient, rate }) => update(theta, gradient, rate), start);
    parameters.dataSync().forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5));
    expect(Math.max(...expected.map((value, i) => Math.abs(value - start[i]!)))).toBeGreaterThan(0.01);
    expect([...state.get('step')!.dataSync()]).toEqual([50]);
    dispose(parameters, state);
  });

  test('continues bit for bit from its state', () => {
    const optimizer = create(name, SETTINGS[1]![1]);
    const steps = training(20);
    const start = normal(new Stream('parameters'));
    const parameters: Vector = tf.variable(tf.tensor1d(start));
    const state = optimizer.state(COUNT);
    run(optimizer, parameters, state, steps.slice(0, 9));
    const copy = (vector: Vector): Vector => tf.variable(tf.tensor1d(vector.dataSync().slice()));
    const resumed = { parameters: copy(parameters), state: new Map([...state].map(([key, v]) => [key, copy(v)])) };
    run(optimizer, parameters, state, steps.slice(9));
    run(create(name, SETTINGS[1]![1]), resumed.parameters, resumed.state, steps.slice(9));
    expect([...resumed.parameters.dataSync()]).toEqual([...parameters.dataSync()]);
    dispose(parameters, state);
    dispose(resumed.parameters, resumed.state);
  });

  test('a step leaves no tensors behind', () => {
    const optimizer = create(name, SETTINGS[1]![1]);
    const parameters: Vector = tf.variable(tf.tensor1d(normal(new Stream('parameters'))));
    const state = optimizer.state(COUNT);
    const engine = loadEngine();
    run(optimizer, parameters, state, training(1));
    const before = [tf.memory().numTensors, engine.tensors()];
    run(optimizer, parameters, state, training(5));
    expect([tf.memory().numTensors, engine.tensors()]).toEqual(before);
    dispose(parameters, state);
  });

  test('the rate is that of its schedule', () => {
    const schedule = new CosineSchedule({ minimum: 0 });
    const optimizer = new KINDS[name].create({ learningRate: 2, schedule, ...SETTINGS[0]![1] });
    expect(optimizer.learningRate(5, 10)).toBeCloseTo(1, 12);
  });

  test('slowed, its rate is smaller and its betas nearer to 1', () => {
    const options = { learningRate: 1, schedule: new ConstantSchedule(), ...SETTINGS[3]![1] };
    const slowed = new KINDS[name].create(options).slowed(4 / 5);
    const same = create(name, { ...SETTINGS[3]![1], betas: [0.8 ** 0.8, 0.95 ** 0.8] });
    expect(slowed.learningRate(0, 1)).toBeCloseTo(0.8, 12);
    const trained = [slowed, same].map((optimizer) => {
      const parameters: Vector = tf.variable(tf.tensor1d(normal(new Stream('parameters'))));
      const state = optimizer.state(COUNT);
      run(optimizer, parameters, state, training(5));
      const numbers = [...parameters.dataSync()];
      dispose(parameters, state);
      return numbers;
    });
    expect(trained[0]).toEqual(trained[1]);
  });
});

describe('clipFactor', () => {
  const clip = (gradient: number[], maximum: number) =>
    tf.tidy(() => [...tf.mul(gradient, clipFactor([tf.tensor1d(gradient)], maximum)).dataSync()]);

  test('scales a greater norm down to the maximum', () => {
    const [a, b] = clip([3, 4], 1) as [number, number];
    expect(a).toBeCloseTo(0.6, 5);
    expect(b).toBeCloseTo(0.8, 5);
  });

  test('leaves a smaller norm, and a gradient of zeros, as they are', () => {
    expect(clip([3, 4], 6)).toEqual([3, 4]);
    expect(clip([0, 0], 0.01)).toEqual([0, 0]);
  });

  test('keeps the direction and never exceeds the maximum', () => {
    const gradients = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(gradients, fc.double({ min: 0.01, max: 10, noNaN: true }), (gradient, maximum) => {
        const clipped = clip(gradient, maximum);
        const norm = Math.hypot(...gradient);
        const factor = Math.min(1, maximum / (norm + 1e-6));
        expect(Math.hypot(...clipped)).toBeLessThanOrEqual(maximum * (1 + 1e-5));
        clipped.forEach((value, i) =>
          expect(Math.abs(value - factor * gradient[i]!)).toBeLessThanOrEqual(1e-5 * maximum),
        );
      }),
      { numRuns: 50 },
    );
  });
});
