import { toSumOne } from './bivariate.ts';
import type { Kernel } from './kernels.ts';

/**
 * The circular low-pass filter: cutoff J1(cutoff r) / (2 pi r), as BasicSR's `circular_lowpass_kernel`.
 * @param cutoff in radians per pixel, at most pi
 */
export function sinc(size: number, cutoff: number): Kernel {
  const middle = (size - 1) / 2;
  const known = new Map<number, number>(); // the plane has few radii
  const data = Float64Array.from({ length: size * size }, (_, i) => {
    const radius = Math.hypot((i % size) - middle, Math.floor(i / size) - middle);
    const value = known.get(radius) ?? response(radius, cutoff);
    known.set(radius, value);
    return value;
  });
  return { size, data: toSumOne(data) };
}

function response(radius: number, cutoff: number): number {
  return radius === 0 ? cutoff ** 2 / (4 * Math.PI) : (cutoff * besselJ1(cutoff * radius)) / (2 * Math.PI * radius);
}

/** More than enough for arguments below 100: the error of the trapezoidal rule falls exponentially. */
const POINTS = 256;

/** The Bessel function of the first kind and order 1, by its integral: mean of cos(t - x sin t) over a turn. */
function besselJ1(x: number): number {
  let sum = 0;
  for (let i = 0; i < POINTS; i++) {
    const t = (2 * Math.PI * i) / POINTS;
    sum += Math.cos(t - x * Math.sin(t));
  }
  return sum / POINTS;
}
