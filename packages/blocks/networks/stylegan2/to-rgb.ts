import { Blur, constant, ModulatedConv2d, Module, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { clamped } from './clamp.ts';

const COLOURS = 3;

/** The image of one resolution: a modulated 1x1 convolution, added to the up-sampled image of the one before (rosinality, ToRGB). */
export class ToRgb extends Module {
  readonly bias = new Parameter<Tensor1D>([1, COLOURS, 1, 1], constant(0), 'channels');
  readonly upsample: Blur | undefined;
  readonly conv: ModulatedConv2d;

  /**
   * @param upsamples whether there is a lower resolution
   * @param clamp the convolution's result is clamped to plus and minus this, before the lower resolution is added
   */
  constructor(
    inputs: number,
    styleWidth: number,
    upsamples: boolean,
    private readonly clamp?: number,
  ) {
    super();
    this.upsample = upsamples ? new Blur(4) : undefined;
    this.conv = new ModulatedConv2d({ inputs, outputs: COLOURS, kernel: 1, styleWidth, demodulate: false });
  }

  /** @param lower image of half the size, if there is one */
  forward(x: Tensor4D, w: Tensor2D, lower?: Tensor4D): Tensor4D {
    const image: Tensor4D = clamped(tf.add(this.conv.forward(x, w), this.bias.value), this.clamp);
    return lower ? tf.add(image, this.upsample!.forward(lower, { up: 2, pad: [2, 1] })) : image;
  }
}
