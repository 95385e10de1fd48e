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

/** Writes the elements to `target`, from `offset` on, in TensorFlow's order in place of PyTorch's. */
export function toCompute(
  values: Float32Array,
  shape: readonly number[],
  layout: Layout,
  target: Float32Array,
  offset: number,
): void {
  const isModulated = layout === 'modulated';
  const permutation = PERMUTATIONS[isModulated ? 'conv' : layout];
  if (permutation) permute(values, isModulated ? shape.slice(1) : shape, permutation, target, offset);
  else target.set(values, offset);
}

/** From TensorFlow's order of elements to PyTorch's. */
export function toStateDict(values: Float32Array, shape: readonly number[], layout: Layout): Float32Array {
  if (layout === 'modulated') return toStateDict(values, shape.slice(1), 'conv');
  const permutation = PERMUTATIONS[layout];
  if (!permutation) return values;
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  const result = new Float32Array(values.length);
  permute(values, computeShape(shape, layout), inverse, result, 0);
  return result;
}

/** Side of the squares in which a matrix is transposed, so that what is read and what is written stay in the processor's cache. */
const TILE = 32;

/** Writes the elements of an array of two axes or more to `target`, from `offset` on, in the order of its axes that `permutation` says. */
function permute(
  values: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
  target: Float32Array,
  offset: number,
): void {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const lengths = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const inner = lengths.length - 2;
  const [rows, columns] = lengths.slice(inner) as [number, number];
  const [rowStep, columnStep] = steps.slice(inner) as [number, number];
  const index = new Array<number>(inner).fill(0);
  let from = 0;
  for (let to = offset; to < offset + values.length; to += rows * columns) {
    copyMatrix(values, from, rowStep, columnStep, target, to, rows, columns);
    for (let axis = inner - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < lengths[axis]!) break;
      from -= steps[axis]! * lengths[axis]!;
      index[axis] = 0;
    }
  }
}

/** Copies a matrix whose elements lie so many steps apart to one that lies row by row. */
function copyMatrix(
  source: Float32Array,
  from: number,
  rowStep: number,
  columnStep: number,
  target: Float32Array,
  to: number,
  rows: number,
  columns: number,
): void {
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(top + TILE, rows);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(left + TILE, columns);
      for (let row = top; row < bottom; row++) {
        const end = to + row * columns + right;
        let at = from + row * rowStep + left * columnStep;
        for (let i = to + row * columns + left; i < end; i++) {
          target[i] = source[at]!;
          at += columnStep;
        }
      }
    }
  }
}
