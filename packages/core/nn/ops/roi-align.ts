import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * The part of each image (N, H, W, C) in its box (N, 4: x1, y1, x2, y2 in pixels, the first pixel's centre at 0), as an image of
 * `size` x `size`: each new pixel is the mean of equally spaced samples, in each direction one for each pixel of the image, bilinearly
 * interpolated, and 0 further than a pixel outside of the image. `torchvision.ops.roi_align` with its defaults (He et al. 2017; spatial
 * scale 1, adaptive sampling, `aligned=False`: a box has at least one pixel). Boxes must not be larger than the image. The gradient is
 * that with respect to the images, of any order.
 */
export function roiAlign(image: Tensor4D, boxes: Tensor2D, size: number): Tensor4D {
  const [batch, height, width, channels] = image.shape;
  const [left, top, right, bottom] = tf.split(boxes, 4, 1);
  const rows = samplingWeights(top!, bottom!, size, height);
  const columns = samplingWeights(left!, right!, size, width);
  const low = tf.matMul(rows, tf.reshape(image, [batch, height, width * channels]));
  const turned = tf.transpose(tf.reshape(low, [batch, size, width, channels]), [0, 2, 1, 3]); // N, W, size, C
  const narrow = tf.matMul(columns, tf.reshape(turned, [batch, width, size * channels]) as Tensor3D);
  return tf.transpose(tf.reshape(narrow, [batch, size, size, channels]), [0, 2, 1, 3]);
}

/** What each of `length` pixels in a row gives to each of `size` new ones: (N, size, length). Bounds (N, 1). */
function samplingWeights(begin: Tensor, end: Tensor, size: number, length: number): Tensor3D {
  const extent = tf.maximum(tf.sub(end, begin), 1);
  const step = tf.div(extent, size);
  const count = tf.ceil(step);
  const first = tf.add(begin, tf.mul(step, tf.reshape(tf.range(0, size), [1, size]))); // N, size
  const pixels = tf.reshape(tf.range(0, length), [1, 1, length]);
  const most = Math.max(1, Math.ceil(length / size));
  const samples = Array.from({ length: most }, (_, i) => {
    const position = tf.add(first, tf.mul(step, tf.div(i + 0.5, count)));
    const isInside = tf.logicalAnd(tf.greaterEqual(position, -1), tf.lessEqual(position, length));
    const isTaken = tf.cast(tf.logicalAnd(isInside, tf.less(i, count)), 'float32');
    const nearest = tf.expandDims(tf.clipByValue(position, 0, length - 1), 2);
    const shares = tf.relu(tf.sub(1, tf.abs(tf.sub(nearest, pixels))));
    return tf.mul(shares, tf.expandDims(isTaken, 2));
  });
  return tf.div(tf.addN(samples), tf.expandDims(count, 2));
}
