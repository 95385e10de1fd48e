import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Optimizer } from '@dualprior/blocks';
import { constant, loadEngine, Module, Parameter, Parameters, Random } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar } from '@tensorflow/tfjs-core';
import { diagnosis } from './diagnosis.ts';
import type { NetworkInTraining } from './network-in-training.ts';
import { PhasedStep } from './phased-step.ts';
import type { Phase } from './training-plan.ts';

beforeAll(() => void loadEngine());

class Layer extends Module {
  readonly weight = new Parameter([1], constant(1), 'same');

  forward(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, this.weight.value);
  }
}

class Network extends Module {
  readonly layer = new Layer();

  forward(x: tf.Tensor): tf.Tensor {
    return this.layer.forward(x);
  }
}

const made = () => {
  const module = new Network();
  return { module, parameters: new Parameters(module, new Random(0)) };
};

/** What is said of an update in which this network returns NaN, where those of these roles are trained. */
function said(bad: ReturnType<typeof made>, trained: Readonly<Record<string, ReturnType<typeof made>>>): string {
  const networks = Object.fromEntries(
    Object.entries(trained).map(([role, { parameters }]) => [role, { label: `the ${role}`, parameters }]),
  ) as unknown as Record<string, NetworkInTraining>;
  const step = {
    networks,
    differentiate: () => ({
      result: {
        loss: bad.parameters.use(() => tf.sum(bad.module.forward(tf.tensor1d([NaN])))) as Scalar,
        gradients: [],
      },
    }),
  } as unknown as PhasedStep<NamedTensorMap>;
  return diagnosis(step, [{ name: 'G', trains: Object.keys(trained) } as unknown as Phase<NamedTensorMap>], {});
}

test('the first layer that returns NaN is named by its path, with its network where several are trained', () => {
  const [generator, discriminator] = [made(), made()];
  expect(said(generator, { generator })).toBe('`layer` returns numbers that are not finite');
  expect(said(discriminator, { generator, discriminator })).toBe(
    'in the discriminator, `layer` returns numbers that are not finite',
  );
});

test('a network that is one layer is named as a whole', () => {
  const module = new Layer();
  const alone = { module, parameters: new Parameters(module, new Random(0)) } as unknown as ReturnType<typeof made>;
  expect(said(alone, { generator: alone })).toBe('`the network` returns numbers that are not finite');
  expect(said(alone, { generator: made(), judge: alone })).toBe(
    'in the judge, `the network` returns numbers that are not finite',
  );
});

test('one of a network that is not trained is named by its type', () => {
  expect(said(made(), { generator: made() })).toBe('`layer` of Network returns numbers that are not finite');
});

describe('of several networks', () => {
  interface Change {
    /** The loss of the second network. */
    readonly loss?: (weight: tf.Tensor) => tf.Tensor;
    /** What an update leaves in the weights, the state of its optimizer, and what is kept. */
    readonly weight?: number;
    readonly state?: number;
    /** In the state of the first network's optimizer, which is no number for each parameter. */
    readonly still?: number;
    readonly kept?: number;
    readonly average?: number;
  }

  /** What is said of a step of two networks, the second of which does this. */
  function found({
    loss = (w) => tf.sum(w),
    weight = 1,
    state = 0,
    still: count = 0,
    kept = 0,
    average = 0.5,
  }: Change): string {
    const moment = tf.variable(tf.tensor1d([0]));
    const still = tf.variable(tf.tensor1d([0, 0, 0]));
    const optimizer = (own: boolean): Optimizer =>
      ({
        state: () => new Map(own ? [['moment', moment]] : [['still', still]]),
        learningRate: () => 0,
        update: (vector: tf.Variable) => {
          if (!own) return void still.assign(tf.fill([3], count));
          vector.assign(tf.fill([1], weight));
          moment.assign(tf.fill([1], state));
        },
        witnesses: () => [],
      }) as unknown as Optimizer;
    const [one, two] = [made(), made()];
    const learner = (network: ReturnType<typeof made>, own: boolean) => ({
      network: { reference: 'network', ...network },
      optimizer: optimizer(own),
      ...(own && { average: () => average }),
    });
    const weightOf = ({ module }: ReturnType<typeof made>) => module.layer.weight.value;
    const phases: Phase<NamedTensorMap>[] = [
      { name: 'the first', trains: ['generator'], loss: () => ({ loss: tf.sum(weightOf(one)) as Scalar, seen: {} }) },
      {
        name: 'the second',
        trains: ['discriminator'],
        keeps: ['kept'],
        loss: () => ({ loss: loss(weightOf(two)) as Scalar, seen: { kept: tf.scalar(kept) } }),
      },
    ];
    const step = new PhasedStep({
      networks: { generator: learner(one, false), discriminator: learner(two, true) },
      phases,
    });
    const rates = { 'generator.rate': tf.scalar(0), 'discriminator.rate': tf.scalar(0) };
    const inputs = { ...rates, 'discriminator.decay': tf.scalar(average) };
    return diagnosis(step, phases, inputs);
  }

  const after = 'all losses and their gradients are finite, but after the update';

  test.each<[Change, string]>([
    [{ loss: (w) => tf.log(tf.mul(tf.sum(w), 0)) }, 'in the second, the loss is -Infinity'],
    [
      { loss: (w) => tf.sum(tf.sqrt(tf.sub(w, 1))) },
      'in the discriminator, the gradient of `layer.weight` holds numbers that are not finite',
    ],
    [
      { weight: NaN },
      `${after} the weights of \`layer.weight\` of the discriminator and the average of the weights of \`layer.weight\` of the discriminator hold numbers that are not`,
    ],
    [
      { state: Infinity },
      `${after} the optimizer's state (moment) of \`layer.weight\` of the discriminator hold numbers that are not`,
    ],
    [{ still: NaN }, `${after} the optimizer's state (still) of the generator hold numbers that are not`],
    [{ kept: NaN }, `${after} \`kept\` hold numbers that are not`],
    [{}, 'the step has a number that is not finite, but not when it is computed operation by operation'],
  ])('%j', (change, text) => {
    expect(found(change)).toBe(text);
  });
});
