import type { Plane } from './plane.ts';

/** Values of a window along one axis: odd length, symmetric, sum 1. Two axes of it are the (separable) window. */
export type Window = Float64Array;

export function gaussianWindow(size: number, sigma: number): Window {
  const radius = (size - 1) / 2;
  const values = Float64Array.from({ length: size }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

export function uniformWindow(size: number): Window {
  return new Float64Array(size).fill(1 / size);
}

/** Weighted means over the window at every place where it lies inside the plane: `size - 1` fewer rows and columns. */
export function windowMeans({ width, height, data }: Plane, window: Window): Plane {
  const radius = (window.length - 1) / 2;
  const result = { width: width - 2 * radius, height: height - 2 * radius };
  const means = new Float64Array(result.width * result.height);
  const row = new Float64Array(width);
  for (let y = 0; y < result.height; y++) {
    weigh(data, (y + radius) * width, width, window, row);
    weigh(row, radius, 1, window, means.subarray(y * result.width, (y + 1) * result.width));
  }
  return { ...result, data: means };
}

/** target[x] = sum over k of window[radius + k] * source[centre + x + k * stride], for k from -radius to radius. */
function weigh(source: Float64Array, centre: number, stride: number, window: Window, target: Float64Array): void {
  const radius = (window.length - 1) / 2;
  const middle = window[radius]!;
  const { length } = target;
  for (let x = 0; x < length; x++) target[x] = middle * source[centre + x]!;
  for (let k = 1; k <= radius; k++) {
    const weight = window[radius + k]!;
    const before = centre - k * stride;
    const after = centre + k * stride;
    for (let x = 0; x < length; x++) target[x]! += weight * (source[before + x]! + source[after + x]!);
  }
}

/** The plane with its outermost pixels repeated `radius` times beyond each border. */
export function replicateBorder({ width, height, data }: Plane, radius: number): Plane {
  const result = { width: width + 2 * radius, height: height + 2 * radius };
  const padded = new Float64Array(result.width * result.height);
  const clamp = (position: number, length: number) => Math.min(Math.max(position, 0), length - 1);
  for (let y = 0, target = 0; y < result.height; y++) {
    const row = clamp(y - radius, height) * width;
    for (let x = 0; x < result.width; x++) padded[target++] = data[row + clamp(x - radius, width)]!;
  }
  return { ...result, data: padded };
}

/** The same along the channels: each becomes the weighted mean of its neighbours, the outermost channels repeated. */
export function acrossChannels(channels: readonly Plane[], window: Window): Plane[] {
  const radius = (window.length - 1) / 2;
  return channels.map(({ width, height }, channel) => {
    const data = new Float64Array(width * height);
    window.forEach((weight, k) => {
      const source = channels[Math.min(Math.max(channel + k - radius, 0), channels.length - 1)]!.data;
      for (let i = 0; i < data.length; i++) data[i]! += weight * source[i]!;
    });
    return { width, height, data };
  });
}
