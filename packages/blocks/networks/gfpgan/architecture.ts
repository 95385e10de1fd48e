import type { Module } from '@dualprior/core/nn';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** A module of one input. */
export interface Layer<T extends Tensor = Tensor4D> extends Module {
  forward(x: T): T;
}

/** Modulated convolution, noise, bias and activation. */
export interface StyledLayer extends Module {
  /** @param noise (N or 1, H, W, 1) of the result's size */
  forward(x: Tensor4D, w: Tensor2D, noise: Tensor4D): Tensor4D;
}

/** The image of one resolution, added to the one below. */
export interface RgbLayer extends Module {
  forward(x: Tensor4D, w: Tensor2D, lower?: Tensor4D): Tensor4D;
}

export interface StyledLayerOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly styleWidth: number;
  /** Whether it doubles the image first. */
  readonly upsamples: boolean;
}

/** What the two releases of GFP-GAN make the same network of. */
export interface Architecture {
  /** A convolution that keeps the size, with an activation. */
  convolution(inputs: number, outputs: number, kernel: 1 | 3): Layer;
  /** Halves the image. */
  down(inputs: number, outputs: number): Layer;
  /** Doubles the image. */
  up(inputs: number, outputs: number): Layer;
  /** A 1x1 convolution to RGB. */
  toRgb(inputs: number): Layer;
  linear(inputs: number, outputs: number): Layer<Tensor2D>;
  /** Two 3x3 convolutions, whose result begins near `bias`: scale or shift of the features. */
  condition(inputs: number, outputs: number, bias: 0 | 1): Layer[];
  /** From z to w: normalisation first. */
  mapping(width: number, layers: number): Layer<Tensor2D>[];
  styled(options: StyledLayerOptions): StyledLayer;
  styledRgb(inputs: number, styleWidth: number, upsamples: boolean): RgbLayer;
}
