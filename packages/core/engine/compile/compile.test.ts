import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { fixed } from '../../nn/fixed.ts';
import { loadEngine, type Engine } from '../engine.ts';
import { CompiledStep, EagerStep } from './compile.ts';
import type { GraphAddon } from './graph.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

const values = (tensor: Tensor) => [...tensor.dataSync()];

describe('a compiled step', () => {
  test('reads and assigns variables, and returns a tensor', () => {
    const total = tf.variable(tf.tensor1d([1, 2]), false);
    const step = engine.compile((x: Tensor1D): Scalar => {
      total.assign(tf.add(total, x));
      total.assign(tf.mul(total, 2));
      return tf.sum(total);
    });
    expect(values(step.run(tf.tensor1d([1, 1])))).toEqual([10]);
    expect(values(step.run(tf.tensor1d([0, 10])))).toEqual([40]);
    expect(values(total)).toEqual([8, 32]);
    expect(step.traces).toBe(1);
  });

  test('runs nothing while it is traced, and changes no variable then', () => {
    const count = tf.variable(tf.scalar(0), false);
    const step = engine.compile(() => {
      count.assign(tf.add(count, 1));
      return count;
    });
    step.run();
    expect(values(count)).toEqual([1]);
  });

  test('is traced again for other shapes and other types', () => {
    const step = engine.compile((x: Tensor) => tf.add(x, x));
    expect(values(step.run(tf.tensor1d([1])))).toEqual([2]);
    expect(values(step.run(tf.tensor2d([[1, 2]])))).toEqual([2, 4]);
    expect(step.run(tf.tensor1d([3], 'int32')).dtype).toBe('int32');
    step.run(tf.tensor1d([7]));
    expect(step.traces).toBe(3);
  });

  test('keeps as many traces as it may: the one used longest ago goes', () => {
    let traced = 0;
    const step = engine.compile(
      (x: Tensor) => {
        traced++;
        return tf.square(x);
      },
      { traces: 2 },
    );
    const run = (length: number) => [...tf.tidy(() => step.run(tf.fill([length], 3)).dataSync())];
    for (const length of [1, 2, 1, 3, 1]) expect(run(length)).toEqual(Array(length).fill(9));
    expect([traced, step.traces]).toEqual([3, 2]);
    run(2);
    expect([traced, step.traces]).toEqual([4, 2]);
  });

  test('returns several tensors, by name or in a list; an argument may be one of them', () => {
    const named = engine.compile((x: Tensor1D) => ({ same: x, twice: tf.mul(x, 2), again: x }));
    const { same, twice, again } = named.run(tf.tensor1d([1, 2]));
    expect([same, twice, again].map(values)).toEqual([
      [1, 2],
      [2, 4],
      [1, 2],
    ]);
    const listed = engine.compile((x: Tensor1D) => [tf.ones([20]), x, tf.split(x, 2)[1]!]);
    expect(listed.run(tf.tensor1d([1, 2])).map(values)).toEqual([new Array(20).fill(1), [1, 2], [2]]);
  });

  test('the same tensor twice as an argument, two variables with the same memory', () => {
    const first = tf.variable(tf.tensor1d([1, 2]), false);
    const second = tf.variable(tf.clone(first), false);
    const copy = tf.clone(first);
    const step = engine.compile((x: Tensor1D, y: Tensor1D) => {
      first.assign(tf.add(first, x));
      second.assign(tf.sub(second, y));
      return tf.sub(x, y);
    });
    const x = tf.tensor1d([1, 1]);
    expect(values(step.run(x, x))).toEqual([0, 0]);
    expect(values(step.run(x, tf.tensor1d([0, 5])))).toEqual([1, -4]);
    expect([first, second, copy].map(values)).toEqual([
      [3, 4],
      [0, -4],
      [1, 2],
    ]);
  });

  test('eager code sees the new value, and a compiled step one that was assigned eagerly', () => {
    const variable = tf.variable(tf.tensor1d([1]), false);
    const step = engine.compile(() => {
      variable.assign(tf.mul(variable, 3));
      return variable;
    });
    step.run();
    variable.assign(tf.add(variable, 1));
    step.run();
    expect(values(variable)).toEqual([12]);
  });

  test('computes the same where TensorFlow optimises its graph', () => {
    const compute = (x: Tensor1D) => tf.mul(tf.add(tf.mul(x, 2), 0), 1);
    const { graph } = engine as unknown as { graph: GraphAddon };
    const x = tf.tensor1d([0, 1]);
    const [plain, optimized] = [false, true].map((optimize) => {
      const step = new CompiledStep(graph, compute, { optimize });
      const numbers = values(step.run(x));
      const types = engine.profile(() => step.run(x)).map(({ type }) => type);
      return { numbers, count: types.filter((type) => /^(Add|AddV2|Mul)$/.test(type)).length };
    });
    expect(plain).toEqual({ numbers: [0, 2], count: 3 });
    expect(optimized).toEqual({ numbers: [0, 2], count: 1 });
  });

  test('takes first and second derivatives', () => {
    const x = [0.5, -2, 3];
    const step = engine.compile((point: Tensor1D) => {
      const slope = tf.grad((t: Tensor) => tf.sum(tf.mul(t, tf.mul(t, t))));
      return [slope(point), tf.grad((t: Tensor) => tf.sum(slope(t)))(point)];
    });
    const [first, second] = step.run(tf.tensor1d(x)).map(values);
    x.forEach((t, i) => {
      expect(first![i]! / (3 * t * t)).toBeCloseTo(1, 5);
      expect(second![i]! / (6 * t)).toBeCloseTo(1, 5);
    });
  });

  test('a weight of a loss that changes between steps is an argument', () => {
    const step = engine.compile((x: Tensor1D, weight: Scalar) => tf.grad((y: Tensor) => tf.mul(weight, tf.sum(y)))(x));
    const slopes = [1, 0.5, 0].map((weight) => values(step.run(tf.tensor1d([1, 2]), tf.scalar(weight))));
    expect(slopes).toEqual([
      [1, 1],
      [0.5, 0.5],
      [0, 0],
    ]);
    expect(step.traces).toBe(1);
  });

  test('gradients of parts of a batch add up, within a step and over steps', () => {
    const weight = tf.variable(tf.tensor1d([3]), false);
    const sum = tf.variable(tf.zeros([1]), false);
    const slope = (x: Tensor) => tf.grad((w: Tensor) => tf.sum(tf.square(tf.mul(w, x))))(weight);
    const within = engine.compile((batch: Tensor1D) => tf.addN(tf.split(batch, 4).map(slope)));
    const accumulate = engine.compile((part: Tensor1D) => {
      sum.assign(tf.add(sum, slope(part)));
      return sum;
    });
    const batch = tf.tensor1d([1, -2, 3, 0.5]);
    expect(values(within.run(batch))).toEqual(values(slope(batch)));
    for (const part of tf.split(batch, 2)) accumulate.run(part as Tensor1D);
    expect(values(sum)).toEqual(values(slope(batch)));
  });

  test('as many tensors after 1,000 steps as after one', () => {
    const state = tf.variable(tf.zeros([64]), false);
    const step = engine.compile((x: Tensor1D): Scalar => {
      state.assign(tf.add(tf.mul(state, 0.9), x));
      return tf.mean(state);
    });
    const run = () => tf.tidy(() => void step.run(tf.ones([64])));
    run();
    const before = [engine.tensors(), tf.memory().numTensors];
    for (let i = 0; i < 1000; i++) run();
    expect([engine.tensors(), tf.memory().numTensors]).toEqual(before);
  });
});

describe('a step that cannot be compiled', () => {
  const bytes = (count: number) => new Float32Array(count).map((_, i) => (i % 256) / 255);
  const outside = () => tf.tensor1d([1, 2]);

  const steps: [string, RegExp, () => (x: Tensor1D) => Tensor][] = [
    ['reads a value', /value was read.*dataSync[^]*compile\.test\.ts/, () => (x) => tf.scalar(x.dataSync()[0]!)],
    [
      'reads later',
      /value was read[^]*in tf\.data\n {2}at .*compile\.test\.ts/,
      () => (x) => (void x.data(), tf.add(x, 1)),
    ],
    [
      'waits for a mask',
      /value was read[^]*in tf\.booleanMaskAsync\n/,
      () => (x) => tf.sum(tf.booleanMaskAsync(x, tf.tensor1d([1, 0], 'bool')) as unknown as Tensor),
    ],
    [
      'runs another one',
      /compiled step was run inside another one[^]*compile\.test\.ts/,
      () => {
        const inner = engine.compile((x: Tensor1D) => tf.mul(x, 2));
        return (x) => inner.run(x);
      },
    ],
    [
      'reads a variable',
      /value was read/,
      () => {
        const variable = tf.variable(outside());
        return (x) => tf.mul(x, variable.dataSync()[0]!);
      },
    ],
    [
      'draws a random number',
      /random number[^]*pass it as a tensor/i,
      // eslint-disable-next-line no-restricted-syntax -- a draw without a seed is what is refused
      () => (x) => tf.add(x, tf.randomNormal([2])),
    ],
    ['drops out', /random number/, () => (x) => tf.dropout(x, 0.5)],
    [
      'uses a tensor from outside',
      /shape \(2\).*outside[^]*argument/,
      () => {
        const tensor = outside();
        return (x) => tf.add(x, tensor);
      },
    ],
    [
      'makes a variable',
      /variable "made".*inside[^]*in tf\.variable\n {2}at .*compile\.test\.ts/,
      () => (x) => tf.add(x, tf.variable(outside(), false, 'made')),
    ],
    [
      'disposes of a variable',
      /variable "gone" was disposed of[^]*compile\.test\.ts/,
      () => {
        const variable = tf.variable(tf.tensor1d([1, 2]), false, 'gone');
        return (x) => {
          const sum = tf.add(x, variable);
          variable.dispose();
          return sum;
        };
      },
    ],
    [
      'makes a large constant',
      /constant of shape \(64, 65\)[^]*in tf\.tensor2d\n {2}at .*compile\.test\.ts/,
      () => (x) => tf.add(tf.sum(x), tf.tensor2d(bytes(64 * 65), [64, 65])),
    ],
    [
      'needs a kernel that is missing',
      /no kernel SearchSorted[^]*outside[^]*in tf\.searchSorted\n {2}at .*compile\.test\.ts/,
      () => (x) => tf.searchSorted(x, x),
    ],
    [
      'gives TensorFlow what it refuses',
      /refuses Add of tensors of the shapes \(2\), \(3\): Dimensions must be equal, but are 2 and 3\.\n.*compile: false[^]*in tf\.add\n/,
      () => (x) => tf.add(x, tf.tensor1d([1, 2, 3])),
    ],
    [
      'gives it to a kernel of the engine',
      /refuses MatMul of tensors of the shapes \(2, 1\), \(2, 1\)[^]*in tf\.matMul\n {2}at .*compile\.test\.ts/,
      () => (x) => tf.matMul(tf.reshape(x, [2, 1]), tf.reshape(x, [2, 1])),
    ],
    [
      'gives TensorFlow.js what it refuses',
      /conv2d[^]*compile: false/,
      () => (x) => tf.conv2d<Tensor4D>(tf.reshape(x, [1, 1, 2, 1]), tf.ones([1, 1, 2, 1]), 1, 'same'),
    ],
    [
      'uses a tensor that was disposed of',
      /disposed of was used[^]*in tf\.add\n/,
      () => {
        const tensor = outside();
        tensor.dispose();
        return (x) => tf.add(x, tensor);
      },
    ],
    ['is asynchronous', /asynchronous/, () => (x) => Promise.resolve(x) as unknown as Tensor],
    ['fails asynchronously', /asynchronous/, () => () => Promise.reject(new Error('no')) as unknown as Tensor],
    ['returns nothing', /returned undefined, not a tensor/, () => () => undefined as unknown as Tensor],
    [
      'returns a number',
      /returned the number 3 as "b"[^]*tf\.scalar/,
      () => (x) => ({ a: x, b: 3 }) as unknown as Tensor,
    ],
  ];

  test.each(steps)('%s', (_, message, make) => {
    const state = tf.variable(tf.tensor1d([5]), false);
    const step = make();
    const names = Object.keys(tf.engine().registeredVariables);
    const x = tf.tensor1d([3, 4]);
    tf.add(x, 0).dispose(); // hands x to TensorFlow
    const before = [engine.tensors(), tf.memory().numTensors];
    const compiled = engine.compile((argument: Tensor1D) => {
      state.assign(tf.add(state, 1));
      return step(argument);
    });
    expect(() => compiled.run(x)).toThrow(message);
    expect(values(state)).toEqual([5]);
    expect([engine.tensors(), tf.memory().numTensors]).toEqual(before);
    expect(Object.keys(tf.engine().registeredVariables)).toEqual(names);
    expect(values(tf.randomUniform([1], 0, 1, 'float32', 1)).length + values(tf.add(x, 1)).length).toBe(3); // eager works as before
  });
});

test('what a step makes of values may be waited for in it', async () => {
  let read: Promise<unknown> | undefined;
  engine
    .compile((x: Tensor1D) => {
      read = tf.tensor1d([7]).data();
      return x;
    })
    .run(tf.tensor1d([1]));
  expect(await read).toEqual(new Float32Array([7]));
});

test('many numbers in a step: all the same, or fixed', () => {
  const step = engine.compile((x: Scalar) => [
    tf.sum(tf.mul(tf.ones([300, 300]), x)),
    tf.sum(tf.cast(tf.ones([300, 300], 'bool'), 'float32')),
    tf.sum(
      tf.mul(
        fixed(() => tf.tensor1d(new Float32Array(5000).map((_, i) => i % 2))),
        x,
      ),
    ),
  ]);
  expect(step.run(tf.scalar(2)).map(values)).toEqual([[180_000], [90_000], [5000]]);
});

describe('a compiled step that cannot run', () => {
  const add = (...values: Tensor[]) => tf.addN(values);

  test.each([
    ['a number', 0.5, /Argument 2 of a step is the number 0.5: pass tf.scalar\(0.5\)/],
    ['a list', [1], /Argument 2 of a step is a list, not a tensor/],
    ['nothing', undefined, /Argument 2 of a step is undefined, not a tensor/],
  ])('is given %s', (_, value, message) => {
    for (const step of [engine.compile(add), new EagerStep(add)]) {
      expect(() => step.run(tf.scalar(1), value as unknown as Tensor)).toThrow(message);
    }
  });

  test('is given a tensor that was disposed of', () => {
    const x = tf.scalar(1);
    x.dispose();
    expect(() => engine.compile(add).run(x)).toThrow(/Argument 1 .* disposed of/);
  });

  test('reads or assigns a variable that was disposed of', () => {
    const [read, assigned] = ['read', 'assigned'].map((name) => tf.variable(tf.scalar(1), false, name));
    const reading = engine.compile(() => tf.add(read!, 1));
    const assigning = engine.compile((x: Tensor) => {
      assigned!.assign(x as Scalar);
      return x;
    });
    reading.run();
    assigning.run(tf.scalar(2));
    read!.dispose();
    assigned!.dispose();
    expect(() => reading.run()).toThrow(/variable "read" of a compiled step was disposed of/);
    expect(() => assigning.run(tf.scalar(2))).toThrow(/variable "assigned" of a compiled step/);
  });
});

test('random numbers from a constant seed are the same in eager and compiled steps', () => {
  const compute = (x: Tensor1D) => tf.add(x, tf.randomUniform([2], 0, 1, 'float32', 7));
  const x = tf.tensor1d([1, 2]);
  expect(values(engine.compile(compute).run(x))).toEqual(values(compute(x)));
});
