import { Type, type Static } from '@sinclair/typebox';
import type { Random } from '@dualprior/core';
import { gaussianRow } from '../kernels/bivariate.ts';
import { separably } from './pixels/convolve.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';

const Options = Type.Object({
  weight: Type.Number({ minimum: 0, maximum: 10, default: 0.5, description: 'how much of the detail is added' }),
  radius: Type.Integer({
    minimum: 1,
    maximum: 50,
    default: 25,
    description: 'radius of the blur that separates detail, in pixels: its sigma is 0.3 radius + 0.5',
  }),
  threshold: Type.Number({
    minimum: 0,
    maximum: 255,
    default: 10,
    description: 'fainter detail is left unchanged, in 8-bit levels',
  }),
  quantize: quantizeOption,
});

/** Sharpens where there is detail (BasicSR:basicsr/utils/img_process_util.py, `USMSharp`). */
@degradations.component({ type: 'unsharp-mask', description: 'sharpening of clear edges', options: Options })
export class UnsharpMask implements Degradation {
  constructor(private readonly options: Static<typeof Options>) {}

  bind(_random: Random): Degrade {
    const { weight, radius, threshold, quantize } = this.options;
    const row = gaussianRow(2 * radius + 1, 0.3 * radius + 0.5);
    return (image) => {
      const { width, height, data } = image;
      const detail = separably(image, row).map((blurred, i) => data[i]! - blurred);
      const mask = detail.map((value) => (Math.abs(value) > threshold ? 1 : 0));
      const soft = separably({ width, height, data: mask }, row);
      const sharpened = soft.map((share, i) => {
        const sharp = Math.min(255, Math.max(0, data[i]! + weight * detail[i]!));
        return share * sharp + (1 - share) * data[i]!;
      });
      return quantized({ width, height, data: sharpened }, quantize);
    };
  }
}
