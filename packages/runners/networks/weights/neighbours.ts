import { catalogue, type AnyDeclaration, type SpecWithOptions } from '@dualprior/core';

/** An option as its JSON Schema has it; only what a change of its value must know. */
interface Option {
  readonly type?: string;
  readonly anyOf?: readonly Option[];
  readonly const?: unknown;
  readonly items?: Option;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

/** Numbers that occur in a checkpoint. */
export interface Clues {
  /** Lengths of axes. */
  readonly lengths: readonly number[];
  /** Lengths of lists of modules, and small numbers. */
  readonly counts: readonly number[];
}

/** The component with its defaults, and the first possible value of what has none; nothing where that cannot be known. */
export function startOf({ type, options }: AnyDeclaration, clues: Clues): SpecWithOptions[] {
  const required = new Set(options.required);
  const values = Object.entries(options.properties as Record<string, Option>)
    .filter(([name, option]) => 'default' in option || required.has(name))
    .map(([name, option]) => [name, option.default ?? candidates(option, undefined, clues)[0]] as const);
  if (values.some(([, value]) => value === undefined)) return [];
  return [{ type, ...Object.fromEntries(values) }];
}

/** The component with one of its options changed, or the lengths of all its lists. */
export function neighbours(spec: SpecWithOptions, clues: Clues): SpecWithOptions[] {
  const declared = catalogue.find('network', spec.type)!.declaration.options.properties as Record<string, Option>;
  const options = Object.entries(declared).filter(([name]) => spec[name] !== undefined);
  const single = options.flatMap(([name, option]) =>
    candidates(option, spec[name], clues).map((value) => ({ ...spec, [name]: value })),
  );
  return [...single, ...otherLengths(spec, options)];
}

function candidates(option: Option, value: unknown, { lengths, counts }: Clues): unknown[] {
  if (option.type === 'boolean') return [false, true];
  if (option.anyOf?.every((member) => 'const' in member)) return option.anyOf.map((member) => member.const);
  if (option.type === 'integer') return [...new Set([...lengths, ...counts])].filter((n) => isWithin(option, n));
  if (option.type === 'number' && typeof value === 'number') return [value / 4, value / 2, value * 2, value * 4];
  if (isCounts(option, value)) {
    return value.flatMap((_, i) =>
      counts.filter((n) => isWithin(option.items!, n)).map((n) => value.map((old, j) => (j === i ? n : old))),
    );
  }
  return [];
}

/** Lists often go together (a level of an encoder has one of the decoder): all of them shorter or longer. */
function otherLengths(spec: SpecWithOptions, options: readonly (readonly [string, Option])[]): SpecWithOptions[] {
  const lists = options.flatMap(([name, option]) => {
    const value = spec[name];
    return isCounts(option, value) ? [{ name, value }] : [];
  });
  const resized = (change: (list: readonly number[]) => number[]): SpecWithOptions => ({
    ...spec,
    ...Object.fromEntries(lists.map(({ name, value }) => [name, change(value)])),
  });
  if (lists.length === 0) return [];
  return [resized((list) => list.slice(0, -1)), resized((list) => [...list, list.at(-1) ?? 1])];
}

function isCounts(option: Option, value: unknown): value is number[] {
  return option.type === 'array' && option.items?.type === 'integer' && Array.isArray(value);
}

function isWithin({ minimum = -Infinity, maximum = Infinity }: Option, value: number): boolean {
  return value >= minimum && value <= maximum;
}
