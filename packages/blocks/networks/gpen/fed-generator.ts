import { Module } from '@dualprior/core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { resolutions, SMALLEST } from '../stylegan2/channels.ts';
import { ConstantInput } from '../stylegan2/constant-input.ts';
import { mapped, type Mapping } from '../stylegan2/mapping.ts';
import { ToRgb } from '../stylegan2/to-rgb.ts';
import { FedConv } from './fed-conv.ts';

export interface FedGeneratorOptions {
  readonly size: number;
  readonly channels: ReadonlyMap<number, number>;
  readonly styleWidth: number;
  readonly concatenates: boolean;
}

/** StyleGAN2's generator, fed with features of an encoder instead of noise (GPEN:face_model/gpen_model.py, Generator). */
export class FedGenerator extends Module {
  readonly input: ConstantInput;
  readonly conv1: FedConv;
  readonly to_rgb1: ToRgb;
  /** Two for each resolution but the first. */
  readonly convs: FedConv[];
  readonly to_rgbs: ToRgb[];

  constructor(
    { size, channels, styleWidth, concatenates }: FedGeneratorOptions,
    readonly style: Mapping,
  ) {
    super();
    const width = (resolution: number) => channels.get(resolution)!;
    const joined = (resolution: number) => (concatenates ? 2 : 1) * width(resolution);
    const conv = (inputs: number, resolution: number, resample?: 'up') =>
      new FedConv({ inputs, outputs: width(resolution), styleWidth, concatenates, resample });
    const higher = resolutions(size).slice(1);
    this.input = new ConstantInput(width(SMALLEST));
    this.conv1 = conv(width(SMALLEST), SMALLEST);
    this.to_rgb1 = new ToRgb(joined(SMALLEST), styleWidth, false);
    this.convs = higher.flatMap((resolution) => [
      conv(joined(resolution / 2), resolution, 'up'),
      conv(joined(resolution), resolution),
    ]);
    this.to_rgbs = higher.map((resolution) => new ToRgb(joined(resolution), styleWidth, true));
  }

  /** w of z, both (N, styleWidth). */
  map(z: Tensor2D): Tensor2D {
    return mapped(this.style, z);
  }

  /**
   * The image in [-1, 1].
   * @param features one of each resolution, from 4 up
   */
  forward(z: Tensor2D, features: readonly Tensor4D[]): Tensor4D {
    const w = this.map(z);
    let x = this.conv1.forward(this.input.forward(w.shape[0]), w, features[0]!);
    let image = this.to_rgb1.forward(x, w);
    this.to_rgbs.forEach((toRgb, i) => {
      const [up, second] = this.convs.slice(2 * i, 2 * i + 2) as [FedConv, FedConv];
      const feature = features[i + 1]!;
      x = second.forward(up.forward(x, w, feature), w, feature);
      image = toRgb.forward(x, w, image);
    });
    return image;
  }
}
