import { resizeBicubic } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

export const protocol = Type.Optional(
  Type.Union([Type.Literal('pytorch-fid'), Type.Literal('clean-fid')], {
    description:
      'how images are resized for the network: `pytorch-fid` (the default), without antialiasing; `clean-fid`, with it (Parmar et al. 2022), in columns with `_clean` in their names. Values of the two are not comparable',
  }),
);

/** How images come to the network by which sets of them are compared. */
export type Protocol = Static<typeof protocol>;

/** For images much smaller than the network's own. */
export const side = Type.Optional(
  Type.Integer({
    minimum: 8,
    maximum: 2048,
    description:
      'height and width to which images are resized for a substitute, in pixels; 299 if absent. At 128 small images take a fifth of the time. Values of two sides are not comparable',
  }),
);

/** Side of the images that clean-fid's network sees. */
export const CLEAN_SIDE = 299;

/** clean-fid's resizing, for display. */
export const CLEAN_RESIZING = `images resized to ${CLEAN_SIDE}x${CLEAN_SIDE} as clean-fid does (Pillow's bicubic of floats, antialiased, cut to 0 to 255; the network sees v / 128 - 1)`;

/**
 * What clean-fid makes of images (NHWC, [0, 1]; cleanfid/resize.py, "clean"; cleanfid/inception_torchscript.py) for networks that see 2 x - 1 of
 * what they are given: of levels v of 0 to 255 it shows the network (v - 128) / 128, so x is v / 256.
 */
export function cleanImages(images: Tensor4D): Tensor4D {
  return tf.mul(tf.clipByValue(resizeBicubic(images, CLEAN_SIDE, CLEAN_SIDE), 0, 1), 255 / 256);
}

/** All columns of these names by any protocol, with an official network or a substitute. */
export function columnNames(...names: readonly string[]): string[] {
  return ['', '_clean', '_substitute', '_clean_substitute'].flatMap((suffix) => names.map((name) => name + suffix));
}
