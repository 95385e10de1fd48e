import { loadEngine, Parameters, Random, type Device, type Engine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { restoring } from '../evaluation/restoring.ts';
import { regressionStep } from '../stages/regression-step.ts';
import { runnable, type Runtime } from '../stages/runtime.ts';
import type { BenchCase } from './cases.ts';
import { createBenched } from './network.ts';

export interface WorkloadOptions extends BenchCase {
  readonly device: 'auto' | Device;
  readonly runtime: Runtime;
}

/** A training step or a restoration that runs again and again, on random images. */
export class Workload {
  readonly engine: Engine;
  readonly parameters: Parameters;
  readonly step: () => void;

  constructor({ network, mode, shape, device, runtime }: WorkloadOptions) {
    this.engine = loadEngine(device);
    const { module, loss, optimizer } = createBenched(network);
    const parameters = (this.parameters = new Parameters(module, new Random(1)));
    const random = new Random(2);
    const size = shape.reduce((product, length) => product * length, 1);
    const values = (stream: string) => {
      const numbers = random.stream(stream);
      return Float32Array.from({ length: size }, () => numbers.uniform());
    };
    const image = (pixels: Float32Array) => tf.tensor4d(pixels, [...shape] as Tensor4D['shape']);
    const degraded = values('degraded');

    if (mode === 'inference') {
      const restore = (images: Tensor4D) => parameters.use(() => module.restore(images).image);
      const step = restoring(restore, runtime.compile);
      this.step = () => tf.tidy(() => void step.run(image(degraded)).dataSync());
      return;
    }
    const sharp = values('sharp');
    const optimizerState = optimizer.state(parameters.count);
    const step = runnable(regressionStep({ module, parameters, loss, optimizer, optimizerState }), runtime);
    const rate = optimizer.learningRate(0, 1);
    this.step = () => tf.tidy(() => void step.run(image(degraded), image(sharp), tf.scalar(rate))['loss']!.dataSync());
  }
}
