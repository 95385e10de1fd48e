import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { columnSums } from '../nn/ops/column-sums.ts';
import { fusedLeakyRelu } from '../nn/ops/fused-leaky-relu.ts';
import { gate } from '../nn/ops/gate.ts';
import type { GraphAddon, OpAttribute } from './compile/graph.ts';
import type { NodeBackend } from './compile/node-backend.ts';
import { loadEngine } from './engine.ts';

let addon: GraphAddon;

beforeAll(() => {
  addon = (loadEngine() as unknown as { graph: GraphAddon }).graph;
});

type Binding = NodeBackend['binding'] & { readonly TF_ATTR_FLOAT: number; readonly TF_ATTR_INT: number };

const binding = () => (tf.backend() as unknown as NodeBackend).binding as Binding;

const attribute = (name: string, type: number, value: unknown): OpAttribute => ({ name, type, value });

/** Shapes of what the operation returns in a graph for inputs of these shapes; null where a shape is not known. */
function inferred(type: string, attributes: OpAttribute[], inputs: (number[] | null)[]) {
  const graph = addon.newGraph();
  const { TF_ATTR_TYPE, TF_ATTR_SHAPE, TF_FLOAT } = binding();
  const ids = inputs.map((shape, i) => {
    const shaped = shape ? [attribute('shape', TF_ATTR_SHAPE, shape)] : [];
    const given = [attribute('dtype', TF_ATTR_TYPE, TF_FLOAT), ...shaped];
    return addon.addOperation(graph, 'Placeholder', `input_${i}`, given, [])[0]!.id;
  });
  const list = attributes.find(({ name }) => name === 'N')?.value as number | undefined;
  const inputIds = list === undefined ? ids : [...ids.slice(0, -list), ids.slice(-list)];
  return addon.addOperation(graph, type, 'operation', attributes, inputIds).map(({ shape }) => shape);
}

test('a size or a rank that is not known makes none known', () => {
  const epsilon = [attribute('epsilon', binding().TF_ATTR_FLOAT, 1e-6)];
  expect(inferred('DualpriorLayerNorm', epsilon, [[-1, 6], [6], [6]])).toEqual([
    [-1, 6],
    [-1, 1],
    [-1, 1],
  ]);
  expect(inferred('DualpriorLayerNorm', epsilon, [null, [6], [6]])).toEqual([null, null, null]);
  expect(inferred('DualpriorColumnSums', [], [null])).toEqual([null]);
  expect(inferred('DualpriorGate', [], [[5, -1], [6]])).toEqual([[5, -1]]);
  expect(inferred('DualpriorGateGradient', [], [null, [5, 6], [6]])).toEqual([null, null]);
});

test('attributes give sizes where inputs do not', () => {
  const attributes = Object.entries({ up: 1, down: 2, before: [1, 1], size: [8, 9], flip: 1 });
  const integers = attributes.map(([name, value]) => attribute(name, binding().TF_ATTR_INT, value));
  const shapes = (image: number[] | null) => inferred('DualpriorUpfirdn2d', integers, [image, [4, 4]]);
  expect(shapes([-1, 16, -1, 5])).toEqual([[-1, 8, 9, 5]]);
  expect(shapes(null)).toEqual([null]);
  expect(() => shapes([16, 16, 5])).toThrow(/DualpriorUpfirdn2d: x has the shape \[16, 16, 5\], but must have rank 4/);
});

/** Runs the operation on zeros of these shapes at once, and returns the shapes of its results. */
function executed(type: string, attributes: OpAttribute[], inputs: number[][], results: number) {
  const backend = tf.backend() as unknown as {
    executeMultipleOutputs(
      type: string,
      attributes: OpAttribute[],
      inputs: tf.Tensor[],
      count: number,
    ): tf.TensorInfo[];
  };
  const tensors = inputs.map((shape) => tf.zeros(shape));
  return backend.executeMultipleOutputs(type, attributes, tensors, results).map(({ shape }) => shape);
}

const number = (name: string, value = 0.5) => attribute(name, binding().TF_ATTR_FLOAT, value);
const integer = (name: string, value: number | number[]) => attribute(name, binding().TF_ATTR_INT, value);
const activation = () => [number('gain'), number('slope')];
const adam = (count: number) => [
  ...['beta1', 'rest1', 'beta2', 'rest2', 'epsilon', 'penalty'].map((name) => number(name)),
  integer('N', count),
];
const resampling = (change: Record<string, number | number[]> = {}) =>
  Object.entries({ up: 1, down: 2, before: [1, 1], size: [2, 2], flip: 1, ...change }).map(([name, value]) =>
    integer(name, value),
  );

/** Inputs that an operation takes, and the shapes of its results. */
const TAKEN: [type: string, attributes: () => OpAttribute[], inputs: number[][], results: number[][]][] = [
  ['GradientNorm', () => [integer('N', 2)], [[2, 3], []], [[]]],
  ['Adam', () => adam(2), [[7], [7], [7], [], [], [], [], [2, 3], []], [[7], [7], [7]]],
  ['Mix', () => [], [[5], [5], []], [[5]]],
  ['LayerNorm', () => [number('epsilon')], [[5, 6], [6], [6]], [[5, 6], [5, 1], [5, 1]]], // prettier-ignore
  ['LayerNormGradient', () => [], [[5, 6], [5, 6], [5, 1], [5, 1], [6], [5, 6]], [[5, 6], [6], [6]]],
  ['ColumnSums', () => [], [[5, 6]], [[6]]],
  ['Residual', () => [], [[5, 6], [5, 6], [6]], [[5, 6]]],
  ['Gate', () => [], [[5, 6], [6]], [[5, 3]]],
  ['GateGradient', () => [], [[5, 3], [5, 6], [6]], [[5, 6], [6]]],
  ['AttendedGateGradient', () => [], [[4, 3], [2, 3], [2, 3], [4, 6], [6]], [[4, 6], [6]]],
  ['BiasedDepthwise', () => [], [[2, 4, 5, 6], [6], [3, 3, 6, 1]], [[2, 4, 5, 6]]],
  [
    'BiasedDepthwiseGradient',
    () => [],
    [[2, 4, 5, 6], [2, 4, 5, 6], [6], [3, 3, 6, 1]],
    [[2, 4, 5, 6], [6], [3, 3, 6, 1]],
  ],
  ['FoldedScaleGradient', () => [], [[4, 6], [4, 6], [6]], [[4, 6], [6]]],
  [
    'Upfirdn2d',
    () => resampling(),
    [
      [2, 4, 4, 3],
      [2, 2],
    ],
    [[2, 2, 2, 3]],
  ],
  ['FusedLeakyRelu', activation, [[2, 3, 6], [6]], [[2, 3, 6]]],
  [
    'FusedLeakyReluGradient',
    activation,
    [
      [2, 3, 6],
      [2, 3, 6],
    ],
    [[2, 3, 6], [6]],
  ],
  [
    'Modulate',
    () => [],
    [
      [2, 4, 5, 6],
      [2, 6],
    ],
    [[2, 4, 5, 6]],
  ],
  [
    'ModulateGradient',
    () => [],
    [
      [2, 4, 5, 6],
      [2, 4, 5, 6],
      [2, 6],
    ],
    [
      [2, 4, 5, 6],
      [2, 6],
    ],
  ],
  [
    'StyleGradient',
    () => [],
    [
      [2, 4, 5, 6],
      [2, 4, 5, 6],
    ],
    [[2, 6]],
  ],
];

/** Other shapes of as many or nearly as many numbers. */
const otherShapes = (shape: number[]): number[][] => [
  [1, ...shape],
  [...shape, 1],
  [1, 1, 1, ...shape],
  shape.slice(1),
  shape.map((size, axis) => (axis === 0 ? size + 1 : size)),
  shape.map((size, axis) => (axis === shape.length - 1 ? size + 1 : size)),
  [...shape].reverse(),
];

test.each(TAKEN)(
  '%s gives the shapes that a graph expects of it, or takes the inputs in neither',
  (name, attributes, inputs, results) => {
    const type = `Dualprior${name}`;
    const outcome = (shapes: () => unknown) => {
      try {
        return JSON.stringify(shapes());
      } catch (error) {
        return (
          /Dualprior\w+: \w+ has the shape .*?, but must have .*?(?= for '\{\{|$)/m.exec(
            (error as Error).message,
          )?.[0] ?? 'no reason'
        );
      }
    };
    expect(outcome(() => executed(type, attributes(), inputs, results.length))).toBe(JSON.stringify(results));
    const varied = inputs.flatMap((shape, i) => otherShapes(shape).map((other) => inputs.with(i, other)));
    let refused = 0;
    for (const shapes of [inputs, ...varied]) {
      const inGraph = outcome(() => inferred(type, attributes(), shapes));
      expect([shapes, outcome(() => executed(type, attributes(), shapes, results.length))]).toEqual([shapes, inGraph]);
      expect(inGraph).not.toBe('no reason');
      if (!inGraph.startsWith('[')) refused++;
    }
    expect(refused).toBeGreaterThan(name === 'GradientNorm' ? -1 : 0);
  },
);

test('a bias of rank 4 is refused, not taken for one of rank 1', () => {
  const bias = tf.ones([1, 1, 1, 6]) as unknown as tf.Tensor1D;
  const message = /bias has the shape \[1, 1, 1, 6\], but must have \[6\]/;
  expect(() => gate(tf.ones([5, 6]), bias)).toThrow(message);
  expect(() => fusedLeakyRelu(tf.ones([2, 6]), bias)).toThrow(message);
});

test.each(['before', 'size'])('%s has two entries', (name) => {
  for (const list of [[1], [1, 1, 1]]) {
    const attributes = resampling({ [name]: list });
    const message = new RegExp(`${name} has ${list.length} entr[^]*, but must have 2`);
    const inputs = [
      [2, 4, 4, 3],
      [2, 2],
    ];
    expect(() => inferred('DualpriorUpfirdn2d', attributes, inputs)).toThrow(message);
    expect(() => executed('DualpriorUpfirdn2d', attributes, inputs, 1)).toThrow(message);
  }
});

test('a rank that an operation does not take is an error', () => {
  expect(() => inferred('DualpriorColumnSums', [], [[7]])).toThrow(/x has the shape \[7\], but must have rank 2/);
  expect(() => gate(tf.ones([2, 3]), tf.ones([3]))).toThrow(/even number of channels/);
});

test('running out of memory is reported as such', () => {
  const RESOURCE_EXHAUSTED = 8;
  const wide = tf.zeros<tf.Rank.R2>([0, 2 ** 50]);
  expect(() => columnSums(wide)).toThrow(
    new RegExp(`Invalid TF_Status: ${RESOURCE_EXHAUSTED}\\b[^]*not enough memory`),
  );
});

/** How much resident memory grows, in bytes. */
function growth(compute: () => void): number {
  const before = process.memoryUsage.rss();
  compute();
  return process.memoryUsage.rss() - before;
}

test('what fails to become an operation or a function leaves nothing behind', () => {
  const { TF_ATTR_STRING } = binding();
  const graph = addon.newGraph();
  const large = [attribute('_one', TF_ATTR_STRING, 'x'.repeat(2 ** 20)), attribute('other', -1, 0)];
  const fail = () => {
    for (let i = 0; i < 300; i++) {
      expect(() => addon.addOperation(graph, 'Placeholder', `operation_${i}`, large, [])).toThrow(/not known/);
    }
  };
  expect(growth(fail)).toBeLessThan(100 * 2 ** 20);

  const constant = addon.addConstant(graph, 'constant', binding().TF_FLOAT, [2 ** 18], new Uint8Array(2 ** 20).fill(1));
  const register = () => {
    for (let i = 0; i < 300; i++) {
      expect(() => addon.register(graph, [], [constant.id], [42 as unknown as string])).toThrow(/argument/);
    }
  };
  expect(growth(register)).toBeLessThan(100 * 2 ** 20);
});
