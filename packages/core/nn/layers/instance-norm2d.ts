import { AffineNorm2d } from './affine-norm2d.ts';

/** `torch.nn.InstanceNorm2d(channels, affine=True)`: every channel of every image normalised over its pixels. */
export class InstanceNorm2d extends AffineNorm2d {
  constructor(channels: number, epsilon = 1e-5) {
    super(channels, [1, 2], epsilon);
  }
}
