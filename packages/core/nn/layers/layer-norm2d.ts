import { AffineNorm2d } from './affine-norm2d.ts';

/** NAFNet's `LayerNorm2d`: every pixel normalised over its channels (NAFNet:basicsr/models/archs/arch_util.py). */
export class LayerNorm2d extends AffineNorm2d {
  constructor(channels: number, epsilon = 1e-6) {
    super(channels, [3], epsilon);
  }
}
