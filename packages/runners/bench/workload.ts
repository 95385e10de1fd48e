import { isRestorer } from '@dualprior/blocks';
import { EagerStep, loadEngine, Parameters, Random, type Device, type Engine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { restoration } from '../stages/common/restoration.ts';
import { runnable, type Runtime } from '../stages/runtime.ts';
import { PhasedStep } from '../stages/training/phased-step.ts';
import type { Pair, Phase } from '../stages/training/training-plan.ts';
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
    const { module, optimizer } = benched;
    const trained = { reference: 'network', module, parameters };
    const phases = [trainingPhase(benched)];
    const networks = { network: { network: trained, optimizer, statistics: true } };
    const training = new PhasedStep<Given>({ networks, phases });
    const rates = training.numbersAt(0, 1);
    const names = ['degraded', 'sharp', 'seed', ...Object.keys(rates)];
    const step = runnable(training.ordered(phases, names), runtime);
    this.step = () =>
      tf.tidy(() => {
        const scalars = Object.values(rates).map((value) => tf.scalar(value));
        const results = step.run(image(degraded), image(sharp), seed(), ...scalars);
        results['finite']!.dataSync();
      });
  }
}

type Given = Pair & { readonly seed: Tensor1D };

/** A restorer's phase is that of the stage `regression`, another network's minimises its objective. */
function trainingPhase({ module, loss }: Benched): Phase<Given> {
  if (isRestorer(module)) return restoration(module, loss);
  const objective = objectiveOf(module, (output, target) => loss.compute(output, target));
  return {
    name: 'the objective',
    trains: ['network'],
    curve: 'loss',
    loss: ({ degraded, sharp, seed }) => ({ loss: objective(degraded, sharp, seed), seen: {} }),
  };
}
