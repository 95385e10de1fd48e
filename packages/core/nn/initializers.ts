import type { Stream } from '../random/stream.ts';

/** Fills a new parameter: values in C order of the PyTorch shape. */
export type Initializer = (shape: readonly number[], stream: Stream) => Float32Array;

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** Every element the same. */
export function constant(value: number): Initializer {
  return (shape) => new Float32Array(size(shape)).fill(value);
}

/** Uniform in [-bound, bound). PyTorch's default for convolutions and linear layers has bound 1 / sqrt(fanIn). */
export function uniform(bound: number): Initializer {
  return (shape, stream) => Float32Array.from({ length: size(shape) }, () => stream.uniform(-bound, bound));
}

/** Normal with mean zero. */
export function normal(deviation: number): Initializer {
  return (shape, stream) => Float32Array.from({ length: size(shape) }, () => stream.normal(0, deviation));
}
