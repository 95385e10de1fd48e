import type { StateDict, StateTensor } from '@dualprior/core/nn';
import type { ConvertedPart, Part } from './part.ts';

/** What becomes of the tensors whose names match. */
export interface Rule {
  readonly pattern: RegExp;
  /** Our name, as `String.replace` takes it, or made of the pattern's groups; several for a tensor that serves several layers, none for one that we do not have. */
  readonly name: string | ((...groups: string[]) => string | readonly string[]);
  /** Our shape of a tensor of this shape. Default the same. */
  readonly shape?: (theirs: readonly number[]) => readonly number[];
  /** A factor of the values. Default 1. */
  readonly scale?: number | ((tensor: StateTensor) => number);
  /** What is added to the values. Default 0. */
  readonly offset?: number;
  /** Whether each kernel (the last two axes) is turned by 180 degrees. */
  readonly isFlipped?: boolean;
}

/** A public layout of the state dict of a network, other than ours. */
export interface Layout {
  /** Whose it is: `BasicSR`. */
  readonly name: string;
  /** Type of the network. */
  readonly network: string;
  /** Names that every state dict in this layout has, and none in another. */
  readonly marks: readonly string[];
  /** The first rule that matches a name counts; names that none matches stay as they are. */
  rules(tensors: StateDict): readonly Rule[];
  /** What the part says beside its tensors. Default: nothing. */
  read?(part: Part): Partial<Pick<ConvertedPart, 'traits' | 'habits' | 'refusals' | 'remarks'>>;
}

/** The part in our layout; undefined for one that is not in this layout. */
export function convert(layout: Layout, part: Part): ConvertedPart | undefined {
  if (!layout.marks.every((name) => part.tensors.has(name))) return undefined;
  return {
    name: part.name,
    attributes: part.attributes,
    tensors: renamed(part.tensors, layout.rules(part.tensors)),
    layout: layout.name,
    network: layout.network,
    traits: {},
    habits: {},
    refusals: [],
    remarks: [],
    ...layout.read?.(part),
  };
}

/** The tensors with the names, shapes and values that the rules give. */
function renamed(tensors: StateDict, rules: readonly Rule[]): StateDict {
  return new Map(
    [...tensors].flatMap(([name, tensor]): [string, StateTensor][] => {
      const rule = rules.find(({ pattern }) => pattern.test(name));
      if (!rule) return [[name, tensor]];
      const changed = changedBy(rule, tensor);
      return namesOf(rule, name).map((ours) => [ours, changed]);
    }),
  );
}

/** Our names of a tensor of this name, which the rule matches. */
export function namesOf({ pattern, name }: Rule, theirs: string): readonly string[] {
  if (typeof name === 'string') return [theirs.replace(pattern, name)];
  const [, ...groups] = pattern.exec(theirs)!;
  const ours = name(...groups);
  return typeof ours === 'string' ? [ours] : ours;
}

function changedBy(rule: Rule, tensor: StateTensor): StateTensor {
  const shape = rule.shape?.(tensor.shape) ?? tensor.shape;
  const scale = typeof rule.scale === 'function' ? rule.scale(tensor) : (rule.scale ?? 1);
  const { offset = 0, isFlipped = false } = rule;
  if (scale === 1 && offset === 0 && !isFlipped) return shape === tensor.shape ? tensor : reshaped(tensor, shape);
  return lazy(shape, () => {
    const turned = isFlipped ? flipped(tensor) : tensor.values;
    return scale === 1 && offset === 0 ? turned : turned.map((value) => value * scale + offset);
  });
}

function reshaped(tensor: StateTensor, shape: readonly number[]): StateTensor {
  return lazy(shape, () => tensor.values);
}

/** A tensor whose values are made when they are asked for: whether weights fit is asked often, and shapes tell. */
function lazy(shape: readonly number[], make: () => Float32Array): StateTensor {
  let made: Float32Array | undefined;
  return {
    shape,
    get values() {
      return (made ??= make());
    },
  };
}

/** Each kernel (the last two axes) in reverse order. */
export function flipped({ shape, values }: StateTensor): Float32Array {
  const size = shape.slice(-2).reduce((product, length) => product * length, 1);
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += size) {
    result.set(values.slice(start, start + size).reverse(), start);
  }
  return result;
}

export const withLeadingOne = (shape: readonly number[]) => [1, ...shape];
/** (C) as (1, C, 1, 1). */
export const asChannels = (shape: readonly number[]) => [1, ...shape, 1, 1];
