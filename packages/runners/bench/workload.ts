import { isRestorer } from '@dualprior/blocks';
import { EagerStep, gradientsOf, loadEngine, Parameters, Random, type Device, type Engine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { checked } from '../stages/finite-guard.ts';
import { regressionStep, type RegressionStep } from '../stages/regression-step.ts';
import { runnable, type Runtime } from '../stages/runtime.ts';
import type { BenchCase } from './cases.ts';
import { createBenched, type Benched } from './network.ts';
import { inferenceOf, objectiveOf } from './objective.ts';

export interface WorkloadOptions extends BenchCase {
  readonly device: 'auto' | Device;
  readonly runtime: Runtime;
}

/** A training step or an inference that runs again and again, on random images. */
export class Workload {
  readonly engine: Engine;
  readonly parameters: Parameters;
  readonly step: () => void;

  constructor({ network, mode, shape, device, runtime }: WorkloadOptions) {
    this.engine = loadEngine(device);
    const benched = createBenched(network);
    const parameters = (this.parameters = new Parameters(benched.module, new Random(1)));
    const random = new Random(2);
    const size = shape.reduce((product, length) => product * length, 1);
    const values = (stream: string) => {
      const numbers = random.stream(stream);
      return Float32Array.from({ length: size }, () => numbers.uniform());
    };
    const image = (pixels: Float32Array) => tf.tensor4d(pixels, [...shape] as Tensor4D['shape']);
    const seed = () => tf.tensor1d([1, 2], 'int32');
    const degraded = values('degraded');

    if (mode === 'inference') {
      const infer = inferenceOf(benched.module);
      const forward = (images: Tensor4D, noise: Tensor1D): readonly Tensor[] =>
        parameters.use(() => infer(images, noise));
      const step = runtime.compile ? this.engine.compile(forward) : new EagerStep(forward);
      this.step = () => tf.tidy(() => step.run(image(degraded), seed()).forEach((result) => void result.dataSync()));
      return;
    }
    const sharp = values('sharp');
    const { optimizer } = benched;
    const step = runnable(trainingStep(benched, parameters), runtime);
    const rate = optimizer.learningRate(0, 1);
    this.step = () =>
      tf.tidy(() => {
        const results = step.run(image(degraded), image(sharp), tf.scalar(rate), seed());
        results['loss']!.dataSync();
      });
  }
}

type TrainingStep = (degraded: Tensor4D, sharp: Tensor4D, learningRate: Scalar, seed: Tensor1D) => NamedTensorMap;

/** A restorer's step is that of the stage `regression`, another network's is the same with its objective. */
function trainingStep({ module, loss, optimizer }: Benched, parameters: Parameters): TrainingStep {
  const optimizerState: RegressionStep['optimizerState'] = optimizer.state(parameters.count);
  if (isRestorer(module)) return regressionStep({ module, parameters, loss, optimizer, optimizerState });
  const objective = objectiveOf(module, (output, target) => loss.compute(output, target));
  return (degraded, sharp, learningRate, seed) => {
    const { loss, gradients, seen } = gradientsOf([parameters], () => {
      const { result, buffers } = parameters.train(() => objective(degraded, sharp, seed));
      return { loss: result, seen: { buffers } };
    });
    optimizer.update(parameters.vector, gradients[0]!, optimizerState, learningRate);
    parameters.buffers.assign(seen.buffers);
    return { loss: checked(loss, [...optimizer.witnesses(optimizerState), learningRate, parameters.buffers]) };
  };
}
