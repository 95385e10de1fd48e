import { ConvTranspose2d, Module } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { UNetConvBlock, type HinetStyle } from './unet-conv-block.ts';

/** Doubles the size and joins the encoder's features (HINet:basicsr/models/archs/hinet_arch.py, class UNetUpBlock). */
export class UNetUpBlock extends Module {
  readonly up: ConvTranspose2d;
  readonly conv_block: UNetConvBlock;

  constructor(inputs: number, outputs: number, style: HinetStyle) {
    super();
    this.up = new ConvTranspose2d(inputs, outputs);
    this.conv_block = new UNetConvBlock(inputs, outputs, { downsample: false, halfNorm: false, fusion: false }, style);
  }

  forward(x: Tensor4D, bridge: Tensor4D): Tensor4D {
    return this.conv_block.forward(tf.concat([this.up.forward(x), bridge], 3)).full;
  }
}
