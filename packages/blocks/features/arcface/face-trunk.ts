import * as tf from '@tensorflow/tfjs-core';
import { IMAGE, Trunk, type Layer } from '../trunks/trunk.ts';
import { FACE_NETWORKS, type FaceArchitecture } from './face-networks.ts';

/** The layer of a face's vector, (N, 1, 1, D). */
export const EMBEDDING = 'embedding';

/** A network that knows faces as a trunk of one layer. */
export function faceTrunk(architecture: FaceArchitecture): Trunk {
  const network = FACE_NETWORKS[architecture].make();
  const { minimumSide, ...modules } = network;
  const embedding: Layer = {
    name: EMBEDDING,
    inputs: [IMAGE],
    run: ([image]) => {
      const vectors = network.embed(network.input(image!));
      return tf.reshape(vectors, [vectors.shape[0], 1, 1, vectors.shape[1]]);
    },
    side: ([length]) => (length! >= minimumSide ? 1 : 0),
  };
  return new Trunk(`arcface ${architecture}`, [embedding], modules);
}
