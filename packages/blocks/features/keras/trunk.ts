import { constant, Parameter, pooledSide } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { frozenBatchNorm } from '../trunks/frozen-batch-norm.ts';
import { IMAGE, Trunk, type Layer } from '../trunks/trunk.ts';
import type { StoredWeight } from '../trunks/stored-weights.ts';
import type { KerasLayer, KerasModel } from './model.ts';

type Weights = ReadonlyMap<string, Parameter>;

/** How a layer is computed; `weights` are its own, by their Keras names. */
type Kernel = (config: KerasLayer['config'], weights: Weights) => Pick<Layer, 'run' | 'side'>;

interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: 'same' | 'valid';
}

/** The classes of Keras that image classifiers are made of up to their features, and no others. */
const KERNELS: Readonly<Record<string, Kernel>> = {
  ZeroPadding2D: ({ padding }) => {
    const [rows, columns] = padding as [[number, number], [number, number]];
    return {
      run: ([x]) => tf.pad(x!, [[0, 0], rows, columns, [0, 0]]),
      side: ([length]) => length! + Math.min(rows[0] + rows[1], columns[0] + columns[1]),
    };
  },
  Conv2D: (config, weights) => {
    const window = windowOf(config, 'kernel_size');
    const kernel = weights.get('kernel') as Parameter<Tensor4D>;
    return {
      run: ([x]) => tf.conv2d(x!, kernel.value, window.stride, window.padding),
      side: ([length]) => windowed(length!, window),
    };
  },
  DepthwiseConv2D: (config, weights) => {
    const window = windowOf(config, 'kernel_size');
    const kernel = weights.get('depthwise_kernel') as Parameter<Tensor4D>;
    return {
      run: ([x]) => tf.depthwiseConv2d(x!, kernel.value, window.stride, window.padding),
      side: ([length]) => windowed(length!, window),
    };
  },
  BatchNormalization: ({ epsilon }, weights) => {
    const [mean, variance, beta, gamma] = ['moving_mean', 'moving_variance', 'beta', 'gamma'].map(
      (name) => weights.get(name) as Parameter<Tensor1D> | undefined,
    );
    return {
      run: ([x]) => frozenBatchNorm(x!, mean!.value, variance!.value, beta!.value, gamma?.value, epsilon as number),
    };
  },
  ReLU: () => ({ run: ([x]) => tf.relu6(x!) }),
  Activation: () => ({ run: ([x]) => tf.relu(x!) }),
  Add: () => ({ run: (inputs) => tf.addN([...inputs]) }),
  Concatenate: () => ({ run: (inputs) => tf.concat([...inputs], 3) }),
  MaxPooling2D: (config) => pool(config, tf.maxPool),
  AveragePooling2D: (config) => pool(config, tf.avgPool),
};

/** The layers of a Keras model up to its features (what comes after the last map of features is left out). */
export function kerasTrunk(type: string, { modelTopology, weightsManifest }: KerasModel): Trunk {
  const { layers } = modelTopology.model_config.config;
  const weights = byLayer(weightsManifest.flatMap((group) => group.weights));
  const end = layers.findIndex(({ class_name }) => class_name === 'Flatten');
  const parameters: Record<string, Parameter> = {};
  const made = layers.slice(0, end).flatMap((layer): Layer[] => {
    if (layer.class_name === 'InputLayer') return [];
    const own = weights.get(layer.name) ?? new Map<string, Parameter>();
    for (const [name, parameter] of own) parameters[`${layer.name}/${name}`] = parameter;
    const kernel = KERNELS[layer.class_name];
    if (!kernel || !isPlain(layer)) throw new Error(`The Keras layer ${layer.name} is of an unknown form.`);
    const inputs = layer.inbound_nodes[0]!.map(([name]) => (name === layers[0]!.name ? IMAGE : name));
    return [{ name: layer.name, inputs, ...kernel(layer.config, own) }];
  });
  return new Trunk(type, made, parameters);
}

/** The weights of each layer by their names in it. They stay as Keras has them, which is how TensorFlow computes. */
function byLayer(weights: readonly StoredWeight[]): Map<string, Map<string, Parameter>> {
  const layers = new Map<string, Map<string, Parameter>>();
  for (const { name, shape } of weights) {
    const end = name.lastIndexOf('/');
    const layer = name.slice(0, end);
    if (!layers.has(layer)) layers.set(layer, new Map());
    layers.get(layer)!.set(name.slice(end + 1), new Parameter(shape, constant(0), 'same'));
  }
  return layers;
}

/** Whether the layer has only those settings that its kernel above takes for granted. */
function isPlain({ class_name: kind, config }: KerasLayer): boolean {
  const expected: Record<string, unknown> = {
    data_format: 'channels_last',
    activation: kind === 'Activation' ? 'relu' : 'linear',
    use_bias: false,
    depth_multiplier: 1,
    max_value: 6,
    negative_slope: 0,
    threshold: 0,
  };
  const isUsual = Object.entries(expected).every(([name, value]) => (config[name] ?? value) === value);
  return isUsual && (config['dilation_rate'] as number[] | undefined)?.every((rate) => rate === 1) !== false;
}

function windowOf(config: KerasLayer['config'], size: string): Window {
  const kernels = config[size] as [number, number];
  const [stride] = config['strides'] as [number, number];
  return { kernel: Math.max(...kernels), stride, padding: config['padding'] as Window['padding'] };
}

function windowed(length: number, { kernel, stride, padding }: Window): number {
  return padding === 'same' ? Math.ceil(length / stride) : pooledSide(length, { kernel, stride });
}

function pool(config: KerasLayer['config'], compute: typeof tf.maxPool): ReturnType<Kernel> {
  const window = windowOf(config, 'pool_size');
  return {
    run: ([x]) => compute(x!, window.kernel, window.stride, window.padding),
    side: ([length]) => windowed(length!, window),
  };
}
