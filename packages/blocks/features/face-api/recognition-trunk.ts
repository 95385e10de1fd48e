import { constant, Parameter, UserError } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { StoredWeight } from '../trunks/stored-weights.ts';
import { IMAGE, Trunk, type Layer } from '../trunks/trunk.ts';

/** The layer of a face's vector, (N, 1, 1, 128). */
export const DESCRIPTOR = 'descriptor';

/** Side of what the network sees, in pixels. */
const SIDE = 150;

/** Levels of red, green and blue in the mean. */
const MEAN = [122.782, 117.001, 104.298];

/**
 * The square around eyes and mouth that face-api's `alignDlib` gives its network, where crops of FFHQ have them: between the eyes a quarter of the side, from
 * there to the mouth 1 / 3.6 (`faceSquare`). Parts of the side.
 */
const FACE = { left: 0.161, top: 0.274, side: 0.677 };

/** Smallest side of an image of which a face is left. */
const LEAST_SIDE = 8;

/** Residual blocks, by the names of their weights; the first of some halves the image. */
const BLOCKS = [
  ...['conv32_1', 'conv32_2', 'conv32_3'],
  ...['conv64_down', 'conv64_1', 'conv64_2', 'conv64_3'],
  ...['conv128_down', 'conv128_1', 'conv128_2'],
  ...['conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
] as const;

/**
 * The face recognition network of face-api (face-api:src/faceRecognitionNet), a ResNet-29 with half the filters that was trained as dlib's
 * (dlib_face_recognition_resnet_model_v1), of images of aligned faces. `weights` are those of its manifest, named as there.
 */
export function recognitionTrunk(type: string, weights: readonly StoredWeight[]): Trunk {
  const parameters = Object.fromEntries(
    weights.map(({ name, shape }) => [name, new Parameter(shape, constant(0), 'same')]),
  );
  const value = <T extends Tensor>(name: string) => parameters[name]!.value as T;
  const convolved = (x: Tensor4D, name: string, stride: number) => {
    const sums = tf.conv2d(x, value<Tensor4D>(`${name}/conv/filters`), stride, stride === 1 ? 'same' : 'valid');
    const biased = tf.add(sums, value(`${name}/conv/bias`));
    return tf.add<Tensor4D>(tf.mul(biased, value(`${name}/scale/weights`)), value(`${name}/scale/biases`));
  };
  const block = (x: Tensor4D, name: string) => {
    const halves = name.includes('down');
    const inner = tf.relu(convolved(x, `${name}/conv1`, halves ? 2 : 1));
    const residual = convolved(inner, `${name}/conv2`, 1);
    if (!halves) return tf.relu(tf.add<Tensor4D>(residual, x));
    const shortcut = tf.avgPool(x, 2, 2, 'valid');
    const [, height, width, channels] = shortcut.shape;
    return tf.relu(
      tf.add<Tensor4D>(padded(residual, height, width), padded(shortcut, height, width, residual.shape[3] - channels)),
    );
  };
  const descriptor: Layer = {
    name: DESCRIPTOR,
    inputs: [IMAGE],
    run: ([image]) => {
      const stem = tf.relu(convolved(input(image!), 'conv32_down', 2));
      const features = BLOCKS.reduce(block, tf.maxPool(stem, 3, 2, 'valid'));
      const vectors = tf.matMul(tf.mean<Tensor2D>(features, [1, 2]), value<Tensor2D>('fc'));
      return tf.reshape(vectors, [image!.shape[0], 1, 1, -1]);
    },
    side: ([length]) => (length! >= LEAST_SIDE ? 1 : 0),
  };
  return new Trunk(type, [descriptor], parameters);
}

/** The face in images (NHWC, [0, 1]) aligned as those of FFHQ, as the network takes it. Errors: `UserError` for an image that is no square. */
function input(image: Tensor4D): Tensor4D {
  const [batch, height, width] = image.shape;
  if (height !== width) {
    throw new UserError(`face-api's network takes square images of aligned faces, but these are ${width}x${height}.`);
  }
  const part = (length: number) => Math.round(length * height);
  const face = tf.slice(image, [0, part(FACE.top), part(FACE.left), 0], [batch, part(FACE.side), part(FACE.side), 3]);
  // As face-api resizes images: pixels begin where they lie, and nothing is antialiased.
  return tf.div(tf.sub(tf.mul(tf.image.resizeBilinear(face, [SIDE, SIDE]), 255), MEAN), 255);
}

/** With zeros after the last rows, columns and channels, up to this height and width and by so many channels. */
function padded(x: Tensor4D, height: number, width: number, channels = 0): Tensor4D {
  const [, rows, columns] = x.shape;
  return tf.pad(x, [
    [0, 0],
    [0, height - rows],
    [0, width - columns],
    [0, channels],
  ]);
}
