import { beforeAll, expect, test } from '@jest/globals';
import { constant, loadEngine, Module, Parameter, Parameters, Random } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar } from '@tensorflow/tfjs-core';
import { diagnosis } from './diagnosis.ts';
import type { NetworkInTraining } from './network-in-training.ts';
import type { PhasedStep } from './phased-step.ts';
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

test('one of a network that is not trained is named by its type', () => {
  expect(said(made(), { generator: made() })).toBe('`layer` of Network returns numbers that are not finite');
});
