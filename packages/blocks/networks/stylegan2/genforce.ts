import type { StateDict, StateTensor } from '@dualprior/core';

/** How a tensor of genforce's layout becomes one of rosinality's. */
interface Conversion {
  /** rosinality's names; the filter that genforce keeps once belongs to several layers. */
  readonly names: readonly string[];
  /** rosinality's shape of a tensor with genforce's. */
  readonly shape: (theirs: readonly number[]) => readonly number[];
  /** Whether the kernel is turned by 180 degrees: genforce's up-sampling convolution is a true one. */
  readonly isFlipped?: boolean;
  /** What genforce adds when it uses the tensor: the 1 of a style's bias. */
  readonly offset?: number;
}

const same = (shape: readonly number[]) => shape;
const withLeadingOne = (shape: readonly number[]) => [1, ...shape];
const filter = () => [4, 4];

/**
 * The generator's weights in genforce's layout (genforce:models/stylegan2_generator.py, which BDInvert builds on) in rosinality's, which
 * ours is. Undefined for a state dict that is not in that layout.
 */
export function fromGenforce(state: StateDict): StateDict | undefined {
  if (!state.has('synthesis.early_layer.const')) return undefined;
  const levels = [...state.keys()].filter((name) => /^synthesis\.output\d+\.weight$/.test(name)).length;
  return new Map(
    [...state].flatMap(([name, tensor]): [string, StateTensor][] => {
      const conversion = conversionOf(name, levels);
      if (!conversion) return [[name, tensor]];
      const { names, shape, isFlipped, offset = 0 } = conversion;
      const values = isFlipped ? flipped(tensor) : tensor.values;
      const converted = { shape: shape(tensor.shape), values: offset === 0 ? values : values.map((v) => v + offset) };
      return names.map((ours) => [ours, converted]);
    }),
  );
}

/**
 * What a gradient in rosinality's layout is with respect to the parameter of this name and shape in genforce's; undefined if ours has no
 * such parameter.
 */
export function gradientForGenforce(
  gradient: StateDict,
  name: string,
  shape: readonly number[],
): StateTensor | undefined {
  const conversion = conversionOf(name, 1);
  const ours = conversion && gradient.get(conversion.names[0]!);
  if (!ours) return undefined;
  return { shape, values: conversion.isFlipped ? flipped(ours) : ours.values };
}

function conversionOf(name: string, levels: number): Conversion | undefined {
  const dense = /^mapping\.dense(\d+)\.(weight|bias)$/.exec(name);
  if (dense) return { names: [`style.${Number(dense[1]) + 1}.${dense[2]!}`], shape: same };
  if (name === 'truncation.w_avg') return { names: ['latent_avg'], shape: (shape) => shape.slice(-1) };
  if (name === 'synthesis.early_layer.const') return { names: ['input.input'], shape: same };
  if (name === 'synthesis.upsample.kernel') {
    const higher = Array.from({ length: levels - 1 }, (_, i) => `to_rgbs.${i}.upsample.kernel`);
    return { names: higher, shape: filter };
  }
  const [, kind, number, tensor] = /^synthesis\.(layer|output)(\d+)\.(.+)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  return kind === 'layer' ? ofLayer(Number(number), tensor!) : ofOutput(Number(number), tensor!);
}

function ofLayer(layer: number, tensor: string): Conversion | undefined {
  const ours = layer === 0 ? 'conv1' : `convs.${layer - 1}`;
  switch (tensor) {
    case 'weight':
      return { names: [`${ours}.conv.weight`], shape: withLeadingOne, isFlipped: layer % 2 === 1 };
    case 'bias':
      return { names: [`${ours}.activate.bias`], shape: same };
    case 'noise_strength':
      return { names: [`${ours}.noise.weight`], shape: () => [1] };
    case 'noise':
      return { names: [`noises.noise_${layer}`], shape: same };
    case 'filter.kernel':
      return { names: [`${ours}.conv.blur.kernel`], shape: filter };
    default:
      return ofStyle(`${ours}.conv.modulation`, tensor);
  }
}

function ofOutput(output: number, tensor: string): Conversion | undefined {
  const ours = output === 0 ? 'to_rgb1' : `to_rgbs.${output - 1}`;
  if (tensor === 'weight') return { names: [`${ours}.conv.weight`], shape: withLeadingOne };
  if (tensor === 'bias') return { names: [`${ours}.bias`], shape: (shape) => [1, ...shape, 1, 1] };
  return ofStyle(`${ours}.conv.modulation`, tensor);
}

function ofStyle(ours: string, tensor: string): Conversion | undefined {
  if (tensor === 'style.weight') return { names: [`${ours}.weight`], shape: same };
  if (tensor === 'style.bias') return { names: [`${ours}.bias`], shape: same, offset: 1 };
  return undefined;
}

/** Each kernel (the last two axes) in reverse order. */
function flipped({ shape, values }: StateTensor): Float32Array {
  const size = shape.slice(-2).reduce((product, length) => product * length, 1);
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += size) {
    result.set(values.slice(start, start + size).reverse(), start);
  }
  return result;
}
