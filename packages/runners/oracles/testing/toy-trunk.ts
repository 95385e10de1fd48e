import { features, type FeatureExtractor, type PerceptualLayer } from '@dualprior/blocks';
import { Conv2d, maxPool2d, Module, Parameters, Random, type StateDict } from '@dualprior/core';
import { Type } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { toyState } from './toy-values.ts';

const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

class ToyVgg extends Module {
  readonly conv1 = new Conv2d(3, 6, { kernel: 3, padding: 1 });
  readonly conv2 = new Conv2d(6, 8, { kernel: 3, padding: 1 });

  taps(image: Tensor4D): Record<string, Tensor4D> {
    const conv1 = this.conv1.forward(tf.div(tf.sub(image, MEAN), DEVIATION));
    const relu1 = tf.relu(conv1);
    const conv2 = this.conv2.forward(maxPool2d(relu1, { kernel: 2, stride: 2 }));
    return { conv1, relu1, conv2, relu2: tf.relu(conv2) };
  }
}

/** A VGG of two convolutions, the counterpart of `pytorch/networks/trunk.py`: the perceptual losses of the cases see with it. */
@features.component({
  type: 'oracle-trunk',
  description: 'a toy for tests',
  options: Type.Object({}),
  about: () => ({ substitute: false }),
})
export class ToyTrunk implements FeatureExtractor {
  readonly type = 'oracle-trunk';
  readonly identity = 'oracle-trunk';
  readonly substitute = false;
  readonly differentiable = true;
  readonly perceptualLayers: readonly PerceptualLayer[] = [
    { name: 'relu1', channels: 6 },
    { name: 'relu2', channels: 8 },
  ];
  readonly sets = undefined;
  readonly contextualLayer = 'relu2';
  readonly layers = ['conv1', 'relu1', 'conv2', 'relu2'];
  #parameters: Parameters | undefined;

  minimumSide(): number {
    return 2;
  }

  async prepare(): Promise<void> {
    if (this.#parameters) return;
    this.#parameters = new Parameters(new ToyVgg(), new Random(0));
    this.#parameters.load(toyState('trunk', { type: 'trunk' }, this.#parameters.stateDict()));
  }

  taps(image: Tensor4D, layers: readonly string[]): Tensor4D[] {
    const parameters = this.#parameters!;
    const found = parameters.use(() => (parameters.module as ToyVgg).taps(image));
    return layers.map((layer) => found[layer]!);
  }

  dispose(): void {
    this.#parameters?.dispose();
    this.#parameters = undefined;
  }
}

/** LPIPS's heads on it, which are not negative. */
export function toyHeads(formula: (key: string, count: number) => Float64Array): StateDict {
  return new Map(
    [6, 8].map((channels, i) => [
      `lin${i}.model.1.weight`,
      { shape: [1, channels, 1, 1], values: Float32Array.from(formula(`heads.lin${i}`, channels), Math.abs) },
    ]),
  );
}
