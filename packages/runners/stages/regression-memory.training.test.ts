import { expect, test } from '@jest/globals';
import { isRestorer } from '@dualprior/blocks';
import { loadEngine, Parameters, Random } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import '../components.generated.ts';
import { createBenched } from '../bench/network.ts';
import { restoration } from './common/restoration.ts';
import { runnable } from './runtime.ts';
import { PhasedStep } from './training/phased-step.ts';

const MEBIBYTE = 2 ** 20;
const SMALL = ['width=4', 'encoderBlocks=[1]', 'middleBlocks=1', 'decoderBlocks=[1]'];

test('1,000 training steps take no memory: tensors, and what the process has', () => {
  const engine = loadEngine();
  const { module, loss, optimizer } = createBenched({ type: 'nafnet' }, SMALL);
  if (!isRestorer(module)) throw new Error('NAFNet restores images.');
  const parameters = new Parameters(module, new Random(1));
  const phases = [restoration(module, loss)];
  const networks = { network: { network: { reference: 'network', module, parameters }, optimizer } };
  const ordered = new PhasedStep({ networks, phases }).ordered(phases, ['degraded', 'sharp', 'network.rate']);
  const step = runnable(ordered, { compile: true, recompute: false });
  const image = (seed: number) => tf.randomUniform([2, 32, 32, 3], 0, 1, 'float32', seed) as Tensor4D;
  const [degraded, sharp] = [image(1), image(2)];
  const run = (count: number) => {
    for (let i = 0; i < count; i++) tf.tidy(() => void step.run(degraded, sharp, tf.scalar(1e-3))['loss']!.dataSync());
  };
  run(200); // until TensorFlow and V8 have what they keep
  const before = [engine.tensors(), tf.memory().numTensors];
  const resident = process.memoryUsage.rss();
  run(1000);
  expect([engine.tensors(), tf.memory().numTensors]).toEqual(before);
  const grown = (process.memoryUsage.rss() - resident) / MEBIBYTE;
  expect(grown).toBeLessThan(20); // an image a step would be 24
  step.dispose();
});
