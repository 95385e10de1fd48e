import { Module, normal, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Noise } from '../generator.ts';
import { SMALLEST } from '../stylegan2/channels.ts';
import { Noises } from '../stylegan2/noises.ts';
import type { Architecture, Layer, RgbLayer, StyledLayer } from './architecture.ts';

/** Scale and shift of the features of one resolution, from 8 up. */
export interface Condition {
  readonly scale: Tensor4D;
  readonly shift: Tensor4D;
}

interface DecoderOptions {
  /** Channels of each resolution, from 4 up. */
  readonly channels: ReadonlyMap<number, number>;
  readonly styleWidth: number;
  readonly mappingLayers: number;
  /** Whether only the second half of the channels is changed by a condition. */
  readonly sftHalf: boolean;
}

/** The learned constant from which the synthesis begins. */
class ConstantInput extends Module {
  readonly weight: Parameter<Tensor4D>;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([1, channels, SMALLEST, SMALLEST], normal(1), 'image');
  }
}

/**
 * StyleGAN2's generator whose features are scaled and shifted after each up-sampling, "channel-split spatial feature transform"
 * (Wang et al. 2021, section 3.3; StyleGAN2GeneratorSFT and StyleGAN2GeneratorCSFT of the official code).
 */
export class SftDecoder extends Module {
  readonly style_mlp: Layer<Tensor2D>[];
  readonly constant_input: ConstantInput;
  readonly style_conv1: StyledLayer;
  readonly to_rgb1: RgbLayer;
  /** Two for each resolution but the first. */
  readonly style_convs: StyledLayer[];
  readonly to_rgbs: RgbLayer[];
  readonly noises: Noises;
  readonly #sftHalf: boolean;

  constructor(type: string, parts: Architecture, { channels, styleWidth, mappingLayers, sftHalf }: DecoderOptions) {
    super();
    const [lowest, ...higher] = [...channels.keys()] as [number, ...number[]];
    const width = (resolution: number) => channels.get(resolution)!;
    const styled = (from: number, to: number, upsamples: boolean) =>
      parts.styled({ inputs: width(from), outputs: width(to), styleWidth, upsamples });
    this.style_mlp = parts.mapping(styleWidth, mappingLayers);
    this.constant_input = new ConstantInput(width(lowest));
    this.style_conv1 = styled(lowest, lowest, false);
    this.to_rgb1 = parts.styledRgb(width(lowest), styleWidth, false);
    this.style_convs = higher.flatMap((resolution) => [
      styled(resolution / 2, resolution, true),
      styled(resolution, resolution, false),
    ]);
    this.to_rgbs = higher.map((resolution) => parts.styledRgb(width(resolution), styleWidth, true));
    this.noises = new Noises([lowest, ...higher.flatMap((resolution) => [resolution, resolution])], type, 'noise');
    this.#sftHalf = sftHalf;
  }

  /** w (N, D) of a style code (N, D). */
  map(code: Tensor2D): Tensor2D {
    return this.style_mlp.reduce((x, layer) => layer.forward(x), code);
  }

  /**
   * Images (NHWC, [-1, 1], not clipped).
   *
   * @param latents one (N, D) for each of the 2 + 2 (count of higher resolutions) places of W+
   * @param conditions of the resolutions from 8 up; none: the generator's own images
   */
  synthesize(latents: readonly Tensor2D[], conditions: readonly Condition[], noise: Noise): Tensor4D {
    const batch = latents[0]!.shape[0];
    const noises = this.noises.of(noise, batch);
    const constant: Tensor4D = tf.tile(this.constant_input.weight.value, [batch, 1, 1, 1]);
    let features = this.style_conv1.forward(constant, latents[0]!, noises[0]!);
    let image = this.to_rgb1.forward(features, latents[1]!);
    this.to_rgbs.forEach((toRgb, i) => {
      const [first, second] = [2 * i, 2 * i + 1];
      features = this.style_convs[first]!.forward(features, latents[first + 1]!, noises[first + 1]!);
      const condition = conditions[i];
      if (condition) features = this.#transform(features, condition);
      features = this.style_convs[second]!.forward(features, latents[second + 1]!, noises[second + 1]!);
      image = toRgb.forward(features, latents[second + 2]!, image);
    });
    return image;
  }

  #transform(features: Tensor4D, { scale, shift }: Condition): Tensor4D {
    const transformed = (part: Tensor4D): Tensor4D => tf.add(tf.mul(part, scale), shift);
    if (!this.#sftHalf) return transformed(features);
    const [same, changed] = tf.split(features, 2, 3) as [Tensor4D, Tensor4D];
    return tf.concat([same, transformed(changed)], 3);
  }
}
