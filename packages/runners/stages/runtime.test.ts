import { beforeAll, expect, jest, test } from '@jest/globals';
import { loadEngine, Module, Parameter, constant, Parameters, Random, repeated, UserError } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { runnable, runtimeOf, stageRuntime } from './runtime.ts';
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

test('beyond the shapes that are planned, it warns of the third', () => {
  const { context, warnings } = contextWith(false);
  const step = runnable(double, { ...runtimeOf(context, {}), shapes: 3 });
  const counts = Array.from({ length: 6 }, (_, i) => {
    tf.tidy(() => void step.run(tf.ones([i + 1])));
    return warnings.length;
  });
  expect(counts).toEqual([0, 0, 0, 0, 0, 1]);
});

test.each([
  [{ recompute: true }, 'runtime.recompute does nothing: its networks mark no blocks that repeat.'],
  [{ xla: true }, 'runtime.xla does nothing: its networks mark no blocks that repeat.'],
  [
    { recompute: true, xla: true },
    'runtime.recompute and runtime.xla do nothing: its networks mark no blocks that repeat.',
  ],
])('%j of a stage without blocks does nothing, which is said by its name', (option, line) => {
  const { context, warnings } = contextWith(false);
  const compile = jest.spyOn(loadEngine(), 'compile');
  tf.tidy(() => void runnable(double, runtimeOf(context, option)).run(tf.ones([1])));
  expect(warnings).toEqual([`Stage "train": ${line}`]);
  expect(compile.mock.calls[0]![1]).toMatchObject({ recompute: false, xla: false, ...option });
  compile.mockRestore();
});

test('by default blocks are compiled with XLA on a GPU only', () => {
  const engine = loadEngine();
  const compile = jest.spyOn(engine, 'compile').mockReturnValue({} as never);
  const devices = (['cpu', 'gpu'] as const).map((device) => {
    const property = jest.replaceProperty(engine, 'device', device);
    runnable(double, { compile: true, recompute: false });
    runnable(double, { compile: true, recompute: false, xla: false });
    property.restore();
    return compile.mock.calls.splice(0).map(([, options]) => options!.xla);
  });
  compile.mockRestore();
  expect(devices).toEqual([
    [false, false],
    [true, false],
  ]);
});

test('a step that has nobody to tell runs all the same', () => {
  const step = runnable(double, { compile: true, recompute: true });
  for (let length = 1; length <= 4; length++) {
    expect(tf.tidy(() => step.run(tf.ones([length])).finite.dataSync()[0])).toBe(2 * length);
  }
});

test.each(['recompute', 'xla'] as const)('%s without compiled steps is an error', (name) => {
  expect(() => stageRuntime({ compile: false, recompute: false }, { [name]: true })).toThrow(
    new UserError(`runtime.${name} is about compiled steps, but runtime.compile is false. Set one of them only.`),
  );
  expect(stageRuntime({ compile: true, recompute: false }, { [name]: true })).toMatchObject({ [name]: true });
});
