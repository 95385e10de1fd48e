/**
 * The one place where PyTorch's layouts become TensorFlow's and back (arrays in C order):
 *
 * | layout        | PyTorch                | TensorFlow            |
 * |---------------|------------------------|-----------------------|
 * | `same`        | any                    | the same              |
 * | `channels`    | (C) or (1, C, 1, 1)    | (C)                   |
 * | `linear`      | (out, in)              | (in, out)             |
 * | `conv`        | (out, in, kh, kw)      | (kh, kw, in, out)     |
 * | `depthwise`   | (C, 1, kh, kw)         | (kh, kw, C, 1)        |
 * | `transposed`  | (in, out, kh, kw)      | (kh, kw, out, in)     |
 * | `modulated`   | (1, out, in, kh, kw)   | (kh, kw, in, out)     |
 * | `image`       | (N, C, H, W)           | (N, H, W, C)          |
 */
export type Layout = 'same' | 'channels' | 'linear' | 'conv' | 'depthwise' | 'transposed' | 'modulated' | 'image';

/** Axis of the PyTorch tensor that stands at each axis of TensorFlow's. */
const PERMUTATIONS: Partial<Record<Layout, readonly number[]>> = {
  linear: [1, 0],
  conv: [2, 3, 1, 0],
  depthwise: [2, 3, 0, 1],
  transposed: [2, 3, 1, 0],
  image: [0, 2, 3, 1],
};

/** Shape in TensorFlow's layout of a tensor with this PyTorch shape. */
export function computeShape(shape: readonly number[], layout: Layout): number[] {
  if (layout === 'modulated') return computeShape(shape.slice(1), 'conv');
  if (layout === 'channels') return [shape.reduce((product, length) => product * length, 1)];
  const permutation = PERMUTATIONS[layout];
  return permutation ? permutation.map((axis) => shape[axis]!) : [...shape];
}

/** From PyTorch's order of elements to TensorFlow's. */
export function toCompute(values: Float32Array, shape: readonly number[], layout: Layout): Float32Array {
  if (layout === 'modulated') return toCompute(values, shape.slice(1), 'conv');
  const permutation = PERMUTATIONS[layout];
  return permutation ? permute(values, shape, permutation) : values;
}

/** From TensorFlow's order of elements to PyTorch's. */
export function toStateDict(values: Float32Array, shape: readonly number[], layout: Layout): Float32Array {
  if (layout === 'modulated') return toStateDict(values, shape.slice(1), 'conv');
  const permutation = PERMUTATIONS[layout];
  if (!permutation) return values;
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return permute(values, computeShape(shape, layout), inverse);
}

function permute(values: Float32Array, shape: readonly number[], permutation: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const lengths = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  const index = new Array<number>(lengths.length).fill(0);
  let source = 0;
  for (let target = 0; target < result.length; target++) {
    result[target] = values[source]!;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      source += steps[axis]!;
      if (++index[axis]! < lengths[axis]!) break;
      source -= steps[axis]! * lengths[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
