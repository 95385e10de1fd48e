import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { constant } from '../../nn/initializers.ts';
import { Module } from '../../nn/module.ts';
import { Parameter } from '../../nn/parameter.ts';
import { Parameters } from '../../nn/parameters.ts';
import { Random } from '../../random/random.ts';
import { loadEngine, type Engine } from '../engine.ts';
import { EagerStep, type RunnableStep } from './compile.ts';
import { runError } from './step-error.ts';
import { gradientOf } from '../../nn/gradients-of.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

type Compute = (x: Tensor1D, weight: Tensor1D) => Tensor1D;

class Layer extends Module {
  readonly weight = new Parameter<Tensor1D>([2], constant(1), 'channels');

  constructor(private readonly compute: Compute) {
    super();
  }

  forward(x: Tensor1D): Tensor1D {
    return this.compute(x, this.weight.value);
  }
}

class Network extends Module {
  readonly decoders: Layer[][];

  constructor(compute: Compute) {
    super();
    this.decoders = [[new Layer(tf.mul), new Layer(compute)]];
  }

  forward(x: Tensor1D): Tensor1D {
    return this.decoders[0]!.reduce((y, layer) => layer.forward(y), x);
  }
}

/** A training step of a network with this layer at `decoders.0.1`. */
function trainingStep(compute: Compute) {
  const network = new Network(compute);
  const parameters = new Parameters(network, new Random(1));
  return (x: Tensor1D): Scalar => {
    const { value, gradient } = gradientOf(parameters, () => tf.sum(network.forward(x)));
    parameters.vector.assign(tf.sub(parameters.vector, gradient));
    return value;
  };
}

function message(step: RunnableStep<[Tensor1D], Scalar>): string {
  try {
    step.run(tf.tensor1d([1, 2]));
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The step ran.');
}

describe('errors name the place in the network', () => {
  test('where a step cannot be compiled', () => {
    const read: Compute = (x, weight) => tf.mul(weight, x.dataSync()[0]!);
    const text = message(engine.compile(trainingStep(read)));
    expect(text).toMatch(/A value was read/);
    expect(text).toContain('in `decoders.0.1`');
    expect(text).toContain('in tf.dataSync');
    expect(text).toMatch(/at .*step-error\.test\.ts:\d+/);
  });

  test('where a variable is made', () => {
    const making: Compute = (x, weight) => tf.mul(tf.mul(x, weight), tf.variable(tf.ones([2])));
    const text = message(engine.compile(trainingStep(making)));
    expect(text).toMatch(/A variable was made/);
    expect(text).toContain('in `decoders.0.1`\n  in tf.variable\n');
    expect(text).toMatch(/at .*step-error\.test\.ts:\d+/);
  });

  test('also in a gradient', () => {
    const reading = tf.customGrad((x, save) => {
      (save as (tensors: Tensor[]) => void)([x as Tensor]);
      return { value: tf.clone(x as Tensor), gradFunc: (dy: Tensor, [y]: Tensor[]) => tf.mul(dy, y!.dataSync()[0]!) };
    });
    const text = message(engine.compile(trainingStep((x, weight) => reading(tf.mul(x, weight)) as Tensor1D)));
    expect(text).toContain('in the gradient of `decoders.0.1`');
  });

  // TensorFlow waits at least ten seconds before it gives up, so these are its messages, not its doing.
  test('where memory ran out in a compiled step', () => {
    const text = runError(
      new Error(
        'Session fail to run with error: Graph execution error:\n\nDetected at node decoders.0.1.norm1/gradient/Pad_12 defined at (most recent call last):\n' +
          'OOM when allocating tensor with shape[8388608,16777216] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator mklcpu\n' +
          '\t [[{{node decoders.0.1.norm1/gradient/Pad_12}}]]',
      ),
    ).message;
    expect(text).toMatch(/not enough memory for a tensor of shape \(8388608, 16777216\)/);
    expect(text).toContain('in the gradient of `decoders.0.1.norm1`\n  in the operation Pad\n');
    expect(text).toMatch(/batch\.size.*runtime\.recompute/);
  });

  test('where a compiled step cannot run', () => {
    const divisor = tf.variable(tf.scalar(1, 'int32'), false);
    const divide: Compute = (x, weight) =>
      tf.mul(tf.mul(x, weight), tf.cast(tf.floorDiv(tf.scalar(4, 'int32'), divisor), 'float32'));
    const step = engine.compile(trainingStep(divide));
    step.run(tf.tensor1d([1, 2]));
    divisor.assign(tf.scalar(0, 'int32'));
    const text = message(step);
    expect(text).toMatch(/^TensorFlow could not run the step: .*[Dd]ivision by zero\.\n/);
    expect(text).toContain('in `decoders.0.1`\n  in the operation FloorDiv\n');
    expect(text).toContain('runtime.compile: false');
  });

  test('where memory ran out in an eager step', () => {
    const step = new EagerStep(
      trainingStep(() => {
        throw new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[8,9] and type float');
      }),
    );
    const text = message(step);
    expect(text).toMatch(/not enough memory for a tensor of shape \(8, 9\)/);
    expect(text).toContain('in `decoders.0.1`');
  });
});
