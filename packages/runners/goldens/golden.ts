import { readNpz, UserError, type NdArray, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { formulaValues } from './formula.ts';
import { readManifest, type Manifest, type WeightRule } from './manifest.ts';

export type { NdArray };

/** Knows how to compute the cases of one network, loss or metric: its type and how a configuration maps to options, no numbers. */
export interface GoldenFamily {
  knows(golden: Golden): boolean;
  /** Ours for each output, by the manifest's name, in the golden's layout (NCHW). What it makes of tensors is freed afterwards. */
  compute(golden: Golden): Map<string, NdArray> | Promise<Map<string, NdArray>>;
  /** Whether a tensor is a gradient through so many kinks that rounding alone may put a unit on the other side of one (see `NudgedGolden`). Default: none is. */
  hasKinks?(golden: Golden, tensor: string): boolean;
}

/** One case of a folder of reference values (GOLDENS.md). */
export class Golden {
  readonly #arrays: ReadonlyMap<string, NdArray>;
  #weights: StateDict | undefined;

  /** Errors: `UserError` naming the file that is missing or damaged. */
  constructor(
    readonly folder: string,
    readonly name: string,
    readonly manifest: Manifest = readManifest(join(folder, `${name}.json`)),
  ) {
    this.#arrays = readNpz(join(folder, `${name}.npz`));
  }

  /** Names of the tensors that must be reproduced. */
  get outputs(): string[] {
    return Object.entries(this.manifest.tensors).flatMap(([name, { role }]) => (role === 'output' ? [name] : []));
  }

  has(tensor: string): boolean {
    return tensor in this.manifest.tensors;
  }

  /** A tensor as stored, or by the formula. Errors: the case has neither. */
  array(tensor: string): NdArray {
    const array = this.#arrays.get(tensor) ?? this.#input(tensor);
    if (!array) throw new UserError(`${join(this.folder, this.name)}.npz has no array "${tensor}".`);
    return array;
  }

  /** A tensor as stored. */
  tensor<T extends Tensor = Tensor>(name: string): T {
    const { shape, values } = this.array(name);
    return tf.tensor(Float32Array.from(values as Float32Array), [...shape]) as T;
  }

  /** An image or feature map: NCHW as stored, NHWC as returned. */
  image(tensor: string): Tensor4D {
    const { shape, values } = this.array(tensor);
    return tf.transpose(
      tf.tensor4d(Float32Array.from(values as Float32Array), shape as Tensor4D['shape']),
      [0, 2, 3, 1],
    );
  }

  /** The weights that the names give. */
  weights(): StateDict {
    return (this.#weights ??= new Map(
      Object.entries(this.manifest.weights).map(([name, rule]) => [
        name,
        { shape: rule.shape, values: weight(this.manifest.key_prefix + withoutNetwork(name), rule) },
      ]),
    ));
  }

  #input(tensor: string): NdArray | undefined {
    const { key, map, shape } = this.manifest.tensors[tensor] ?? {};
    if (key === undefined || !shape) return undefined;
    const values = formulaValues(this.manifest.key_prefix + key, product(shape));
    return { shape, values: Float32Array.from(map === 'v' ? values : values.map((v) => (v + 1) / 2)) };
  }
}

/** An image or feature map: NHWC as given, NCHW as returned. */
export function nchw(image: Tensor): NdArray {
  const transposed = tf.transpose(image, [0, 3, 1, 2]);
  return { shape: transposed.shape, values: transposed.dataSync<'float32'>() };
}

/** A tensor of any shape, as it is. */
export function plain(tensor: Tensor): NdArray {
  return { shape: tensor.shape, values: tensor.dataSync<'float32'>() };
}

export function scalar(value: number | Scalar): NdArray {
  return { shape: [1], values: Float64Array.of(typeof value === 'number' ? value : value.dataSync()[0]!) };
}

/** Where a case has several networks, a word and a colon before a name say whose it is; the values follow from the name alone. */
function withoutNetwork(name: string): string {
  return name.replace(/^\w+:/, '');
}

function weight(key: string, { shape, kind, a, b, values }: WeightRule): Float32Array {
  const size = product(shape);
  if (kind === 'keep') return Float32Array.from([values].flat(Infinity) as number[]);
  if (kind === 'const') return new Float32Array(size).fill(a ?? 0);
  const found = formulaValues(key, size);
  const weights = new Float32Array(size);
  const isAbsolute = kind === 'abs';
  for (let i = 0; i < size; i++) {
    const value = isAbsolute && found[i]! < 0 ? -found[i]! : found[i]!;
    weights[i] = (a ?? 0) + (b ?? 0) * value;
  }
  return weights;
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}
