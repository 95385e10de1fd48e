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

/**
 * Inputs that one output sees, as PyTorch counts them for weights of any layer: all axes but the first.
 * (For a transposed convolution that is PyTorch's own oddity: its first axis is the input.)
 */
export function fanIn(shape: readonly number[]): number {
  return size(shape.slice(1));
}

/** PyTorch's default of convolutions and linear layers: He et al. 2015, uniform, with the gain of `a = sqrt(5)`. */
export function kaimingUniform(): Initializer {
  return (shape, stream) => uniform(1 / Math.sqrt(fanIn(shape)))(shape, stream);
}

/**
 * Gain times a random (semi-)orthogonal matrix of shape (first axis, product of the others), Saxe et al. 2013:
 * orthonormal rows, or columns where there are more rows than columns (`torch.nn.init.orthogonal_`).
 */
export function orthogonal(gain = 1): Initializer {
  return (shape, stream) => {
    const rows = shape[0]!;
    const columns = fanIn(shape);
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
    const basis = orthonormal(count, length, stream);
    const entry = rows < columns ? (r: number, c: number) => basis[r]![c]! : (r: number, c: number) => basis[c]![r]!;
    return Float32Array.from({ length: rows * columns }, (_, i) => gain * entry(Math.floor(i / columns), i % columns));
  };
}

/** Random orthonormal vectors: Gram-Schmidt on normal ones, each made orthogonal twice, which is enough in float64. */
function orthonormal(count: number, length: number, stream: Stream): Float64Array[] {
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, () => stream.normal());
    for (const other of [...basis, ...basis]) {
      const projection = dot(vector, other);
      for (let i = 0; i < length; i++) vector[i]! -= projection * other[i]!;
    }
    const norm = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((value) => value / norm));
  }
  return basis;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** `torch.nn.init.calculate_gain('leaky_relu', slope)`. */
export function leakyReluGain(slope: number): number {
  return Math.sqrt(2 / (1 + slope ** 2));
}
