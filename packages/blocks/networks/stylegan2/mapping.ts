import { EqualLinear, Module, pixelNorm } from '@dualprior/core/nn';
import { Type, type Static, type TObject } from '@sinclair/typebox';
import type { Tensor2D } from '@tensorflow/tfjs-core';

export const MappingOptions = {
  styleWidth: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 512,
    description: 'width of the latents z and w (style_dim)',
  }),
  mappingLayers: Type.Integer({
    minimum: 1,
    maximum: 64,
    default: 8,
    description: 'layers of the mapping network (n_mlp)',
  }),
  mappingRate: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.01,
    description: 'learning rate of the mapping network over that of the rest (lr_mlp)',
  }),
};

/** The first entry of the mapping network, so that the others are counted from 1 as in the official release. */
export class PixelNorm extends Module {
  forward(z: Tensor2D): Tensor2D {
    return pixelNorm(z);
  }
}

/** StyleGAN2's mapping network from z to w, whose official name is `style`. */
export type Mapping = [PixelNorm, ...EqualLinear[]];

export function mapping({
  styleWidth,
  mappingLayers,
  mappingRate: rate,
}: Static<TObject<typeof MappingOptions>>): Mapping {
  const layer = () => new EqualLinear(styleWidth, styleWidth, { rate, activation: true });
  return [new PixelNorm(), ...Array.from({ length: mappingLayers }, layer)];
}

/** w of z, both (N, styleWidth). */
export function mapped(style: Mapping, z: Tensor2D): Tensor2D {
  return style.reduce((x: Tensor2D, layer) => layer.forward(x), z);
}
