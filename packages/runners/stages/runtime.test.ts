import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Module, Parameter, constant, Parameters, Random, repeated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { runnable, runtimeOf } from './runtime.ts';
import type { StageContext } from './stage.ts';

beforeAll(() => {
  loadEngine();
});

/** A stage's context that collects warnings. */
function contextWith(recompute: boolean): { context: StageContext; warnings: string[] } {
  const warnings: string[] = [];
  const console = { warn: (line: string) => void warnings.push(line) };
  const context = { name: 'train', runtime: { compile: true, recompute }, console } as unknown as StageContext;
  return { context, warnings };
}

const double = (x: Tensor) => ({ finite: tf.sum(tf.mul(x, 2)) });

test('a stage whose images have many sizes warns once, and keeps few traces', () => {
  const { context, warnings } = contextWith(false);
  const runtime = runtimeOf(context, {});
  const steps = [runnable(double, runtime), runnable(double, runtime)];
  const run = (length: number) => tf.tidy(() => steps.forEach((step) => void step.run(tf.ones([length]))));
  for (let length = 1; length <= 3; length++) run(length);
  expect(warnings).toEqual([]);
  for (let length = 4; length <= 12; length++) run(length);
  expect(warnings).toEqual([expect.stringMatching(/^Stage "train": .*4th shape.*`batch\.crop`.*`size`/)]);
  for (const step of steps) expect(step).toHaveProperty('traces', 8);
});

test('a stage whose networks have no blocks warns once that recompute does nothing', () => {
  const { context, warnings } = contextWith(true);
  tf.tidy(() => void runnable(double, runtimeOf(context, {})).run(tf.ones([1])));
  expect(warnings).toEqual([expect.stringMatching(/runtime\.recompute does nothing/)]);
});

test('a stage whose network has blocks does not warn', () => {
  class Scale extends Module {
    readonly weight = new Parameter<Tensor1D>([1], constant(1), 'channels');
  }
  const { context, warnings } = contextWith(true);
  const module = new Scale();
  const parameters = new Parameters(module, new Random(1));
  const block = (x: Tensor) => repeated([module], 'scale', x, (y) => tf.mul(y, module.weight.value));
  const step = runnable((x: Tensor) => parameters.use(() => double(block(x))), runtimeOf(context, {}));
  expect(tf.tidy(() => step.run(tf.ones([1])).finite.dataSync()[0])).toBe(2);
  expect(warnings).toEqual([]);
});
