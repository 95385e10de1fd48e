import { UserError } from '@dualprior/core';
import { acrossChannels, replicateBorder, windowMeans, type Window } from './window.ts';
import type { Plane } from './plane.ts';

/** What implementations of SSIM differ in. */
export interface SsimVariant {
  readonly window: Window;
  /** `valid`: only where the window lies inside the image; `replicate`: everywhere, the outermost pixels repeated. */
  readonly border: 'valid' | 'replicate';
  /** The window reaches across the channels too (NAFNet's 3-D window), or each channel is measured by itself. */
  readonly acrossChannels: boolean;
  /** Variances with N / (N - 1), N being the pixels of the window (scikit-image), or without. */
  readonly sampleCovariance: boolean;
}

const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Mean structural similarity (Wang et al. 2004, equation 13) of the channels `x` and `y`, values in 0 .. 255.
 * Errors: `UserError` for planes that are smaller than a window that must lie inside them.
 */
export function structuralSimilarity(x: readonly Plane[], y: readonly Plane[], variant: SsimVariant): number {
  if (variant.border === 'valid') checkSize(x[0]!, variant.window.length);
  const means = (channels: readonly Plane[]) => localMeans(channels, variant);
  const [meanX, meanY] = [means(x), means(y)];
  const meanXY = means(x.map((plane, c) => combine(plane, y[c]!, (a, b) => a * b)));
  const meanSquares = means(x.map((plane, c) => combine(plane, y[c]!, (a, b) => a * a + b * b)));
  const pixels = variant.window.length ** 2;
  const factor = variant.sampleCovariance ? pixels / (pixels - 1) : 1;
  const values = meanX.map((_, c) =>
    meanSimilarity(meanX[c]!.data, meanY[c]!.data, meanXY[c]!.data, meanSquares[c]!.data, factor),
  );
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean of (2 ux uy + C1)(2 sxy + C2) / ((ux^2 + uy^2 + C1)(sx^2 + sy^2 + C2)), given ux, uy, E[xy] and E[x^2 + y^2]. */
function meanSimilarity(
  ux: Float64Array,
  uy: Float64Array,
  xy: Float64Array,
  squares: Float64Array,
  factor: number,
): number {
  let sum = 0;
  for (let i = 0; i < ux.length; i++) {
    const product = ux[i]! * uy[i]!;
    const meanSquares = ux[i]! ** 2 + uy[i]! ** 2;
    const covariance = factor * (xy[i]! - product);
    const variances = factor * (squares[i]! - meanSquares);
    sum += ((2 * product + C1) * (2 * covariance + C2)) / ((meanSquares + C1) * (variances + C2));
  }
  return sum / ux.length;
}

function localMeans(channels: readonly Plane[], { window, border, acrossChannels: across }: SsimVariant): Plane[] {
  const mixed = across ? acrossChannels(channels, window) : channels;
  const radius = (window.length - 1) / 2;
  return mixed.map((plane) => windowMeans(border === 'replicate' ? replicateBorder(plane, radius) : plane, window));
}

function combine(a: Plane, b: Plane, operation: (a: number, b: number) => number): Plane {
  const data = new Float64Array(a.data.length);
  for (let i = 0; i < data.length; i++) data[i] = operation(a.data[i]!, b.data[i]!);
  return { ...a, data };
}

function checkSize({ width, height }: Plane, window: number): void {
  if (width < window || height < window) {
    throw new UserError(
      `SSIM compares windows of ${window}x${window} pixels, but an image (without the border that cropBorder takes away) is ${width}x${height}.`,
    );
  }
}
