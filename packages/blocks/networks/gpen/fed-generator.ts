import { Module } from '@dualprior/core/nn';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { resolutions, SMALLEST } from '../stylegan2/channels.ts';
import { ConstantInput } from '../stylegan2/constant-input.ts';
import { separate } from '../stylegan2/latents.ts';
import { mapped, type Mapping } from '../stylegan2/mapping.ts';
import { ToRgb } from '../stylegan2/to-rgb.ts';
import { FedConv } from './fed-conv.ts';

interface FedGeneratorOptions {
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
  /** Count of latents in W+. */
  readonly latents: number;
  readonly #styleWidth: number;

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
    this.latents = 2 * higher.length + 2;
    this.#styleWidth = styleWidth;
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
   * @param w (N, styleWidth), or W+ (N, latents, styleWidth)
   * @param features one of each resolution, from 4 up
   */
  synthesize(w: Tensor2D | Tensor3D, features: readonly Tensor4D[]): Tensor4D {
    const latents = separate('gpen', w, this.latents, this.#styleWidth);
    let x = this.conv1.forward(this.input.forward(w.shape[0]), latents[0]!, features[0]!);
    let image = this.to_rgb1.forward(x, latents[1]!);
    this.to_rgbs.forEach((toRgb, i) => {
      const [up, second] = this.convs.slice(2 * i, 2 * i + 2) as [FedConv, FedConv];
      const feature = features[i + 1]!;
      x = second.forward(up.forward(x, latents[2 * i + 1]!, feature), latents[2 * i + 2]!, feature);
      image = toRgb.forward(x, latents[2 * i + 3]!, image);
    });
    return image;
  }
}
