import { Conv2d, maxPool2d, pooledSide, type Module, type MaxPoolGeometry } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { IMAGE, Trunk, type Layer } from './trunk.ts';

/** One member of torchvision's `features`, a `torch.nn.Sequential`. */
export interface Step {
  readonly name: string;
  /** What holds its parameters. */
  readonly module?: Module;
  run(x: Tensor4D): Tensor4D;
  side?(length: number): number;
}

/** What torchvision's classifiers were trained on (RGB in [0, 1]). */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** A trunk of torchvision: the image is normalised, then goes through the steps. State-dict names are `features.INDEX. ...`. */
export function sequence(type: string, steps: readonly Step[]): Trunk {
  const normalized: Layer = {
    name: 'normalized',
    inputs: [IMAGE],
    run: ([image]) => tf.div<Tensor4D>(tf.sub(image!, MEAN), DEVIATION),
  };
  const layers = steps.map(({ name, run, side }, i): Layer => ({
    name,
    inputs: [steps[i - 1]?.name ?? normalized.name],
    run: ([x]) => run(x!),
    ...(side && { side: ([length]: readonly number[]) => side(length!) }),
  }));
  return new Trunk(type, [normalized, ...layers], { features: steps.map(({ module }) => module) });
}

export function convolution(
  name: string,
  inputs: number,
  outputs: number,
  kernel: number,
  { stride = 1, padding = 0 }: { stride?: number; padding?: number } = {},
): Step {
  const module = new Conv2d(inputs, outputs, { kernel, stride, padding });
  return {
    name,
    module,
    run: (x) => module.forward(x),
    side: (length) => pooledSide(length, { kernel, stride, padding }),
  };
}

export function relu(name: string): Step {
  return { name, run: (x) => tf.relu(x) };
}

export function maxPool(name: string, geometry: MaxPoolGeometry): Step {
  return { name, run: (x) => maxPool2d(x, geometry), side: (length) => pooledSide(length, geometry) };
}
