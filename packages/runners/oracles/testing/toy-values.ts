import type { StateDict, StateTensor } from '@dualprior/core';
import { formulaValues } from '../../goldens/formula.ts';

/**
 * Weights, images and draws of the oracles' cases, which follow from names alone: the counterpart of `pytorch/formula.py`, whose rules
 * these are.
 */

/** What a network is, as far as its weights need it. */
export interface Kind {
  readonly type: string;
  readonly architecture?: string;
}

interface Scaling {
  readonly a: number;
  readonly b: number;
  readonly absolute?: boolean;
}

const EQUALISED = ['stylegan2-generator', 'stylegan2-discriminator', 'gpen', 'facial-component-discriminator'];

/** The state dict whose tensors all follow from their names; a blur keeps its own value. */
export function toyState(key: string, kind: Kind, own: StateDict): StateDict {
  return new Map([...own].map(([name, tensor]) => [name, toyTensor(`${key}.${name}`, name, tensor, kind)]));
}

function toyTensor(key: string, name: string, tensor: StateTensor, kind: Kind): StateTensor {
  const scaling = scalingOf(name, tensor.shape, isEqualised(name, kind));
  if (!scaling) return tensor;
  const { a, b, absolute = false } = scaling;
  const values = formulaValues(key, tensor.values.length);
  return { shape: tensor.shape, values: Float32Array.from(values, (v) => a + b * (absolute ? Math.abs(v) : v)) };
}

function scalingOf(name: string, shape: readonly number[], equalised: boolean): Scaling | undefined {
  const last = name.split('.').at(-1)!;
  const isMapping = equalised && /(^|\.)(style|style_mlp)\.\d+\.\w+$/.test(name);
  if (last === 'kernel') return undefined;
  if (last === 'num_batches_tracked') return { a: 0, b: 0 };
  if (last === 'running_mean') return { a: 0, b: 0.1 };
  if (last === 'running_var') return { a: 1, b: 0.5, absolute: true };
  if (['latent_avg', 'beta', 'gamma'].includes(last)) return { a: 0, b: 0.5 };
  if (name.includes('noises.') || last === 'input' || name.endsWith('constant_input.weight')) return { a: 0, b: 1 };
  if (name.endsWith('modulation.bias')) return { a: 1, b: 0.1 };
  if (last === 'bias') return { a: 0, b: isMapping ? 10 : 0.1 };
  if (shape.length >= 2) {
    if (equalised) return { a: 0, b: Math.sqrt(3) * (isMapping ? 100 : 1) };
    const fanIn = shape.slice(shape.length === 5 ? 2 : 1).reduce((product, length) => product * length, 1);
    return { a: 0, b: Math.sqrt(6 / fanIn) };
  }
  return shape.join() === '1' ? { a: 0, b: 0.3 } : { a: 1, b: 0.1 };
}

function isEqualised(name: string, { type, architecture }: Kind): boolean {
  if (type === 'gfpgan') return architecture === 'original';
  return EQUALISED.includes(type) || (type === 'inversion-encoder' && name.includes('.linear.'));
}

/** Images (NHWC) in [0, 1]. */
export function toyImages(iteration: number, role: 'degraded' | 'sharp', count: number): Float32Array {
  return Float32Array.from(formulaValues(`images:${iteration}:${role}`, count), (v) => (v + 1) / 2);
}

/** What stands for random numbers: of mean 0 and variance 1, or in [0, 1). */
export function toyDraw(kind: 'normal' | 'uniform', iteration: number, name: string, count: number): Float32Array {
  const values = formulaValues(`draws:${iteration}:${kind}:${name}`, count);
  return Float32Array.from(values, (v) => (kind === 'normal' ? Math.sqrt(3) * v : (v + 1) / 2));
}
