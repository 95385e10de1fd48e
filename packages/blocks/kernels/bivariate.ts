import type { Kernel } from './kernels.ts';

/** How a blur falls off: as a Gaussian, as exp(-q^beta / 2), or as 1 / (1 + q^beta). */
export type Profile = 'gaussian' | 'generalized' | 'plateau';

interface Bivariate {
  /** Side, odd. */
  readonly size: number;
  /** Standard deviations along both axes, in pixels. */
  readonly sigma: readonly [number, number];
  /** The angle of the first axis against the horizontal, in radians. */
  readonly rotation: number;
  readonly profile: Profile;
  /** Shape of the profiles that are no Gaussian, which have it with 1. */
  readonly beta: number;
}

/** A blur kernel of two axes, as BasicSR:basicsr/data/degradations.py defines it (`bivariate_Gaussian` and its like). */
export function bivariate({ size, sigma: [first, second], rotation, profile, beta }: Bivariate): Kernel {
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const middle = (size - 1) / 2;
  const data = Float64Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [(i % size) - middle, Math.floor(i / size) - middle];
    const q = ((cos * x + sin * y) / first) ** 2 + ((cos * y - sin * x) / second) ** 2;
    if (profile === 'plateau') return 1 / (q ** beta + 1);
    return Math.exp(-0.5 * (profile === 'gaussian' ? q : q ** beta));
  });
  return { size, data: toSumOne(data) };
}

/** A row of a Gaussian, of which the product with its column is the isotropic kernel. */
export function gaussianRow(size: number, sigma: number): Float64Array {
  const middle = (size - 1) / 2;
  return toSumOne(Float64Array.from({ length: size }, (_, i) => Math.exp(-0.5 * ((i - middle) / sigma) ** 2)));
}

export function toSumOne(data: Float64Array): Float64Array {
  const sum = data.reduce((total, value) => total + value, 0);
  return data.map((value) => value / sum);
}
