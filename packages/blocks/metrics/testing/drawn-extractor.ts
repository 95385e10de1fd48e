import type { FeatureExtractor, SetLayers } from '../../features/feature-extractor.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

const SETS: SetLayers = {
  layers: [
    { name: 'deep', channels: 6 },
    { name: 'shallow', channels: 3 },
  ],
  network: 'drawn features',
  resizing: 'no resizing',
};

/** Compares sets of images by 6 and 3 numbers: the means of the colours, and these with their squares. */
export function drawnExtractor(changes: Partial<FeatureExtractor> = {}): FeatureExtractor {
  return {
    type: 'drawn',
    identity: 'drawn 1',
    substitute: false,
    differentiable: false,
    perceptualLayers: [],
    sets: SETS,
    contextualLayer: undefined,
    layers: ['deep', 'shallow'],
    minimumSide: () => 1,
    prepare: () => Promise.resolve(),
    taps: (image) => [tf.concat([image, tf.square(image)], 3) as Tensor4D, image],
    dispose: () => {},
    ...changes,
  };
}
