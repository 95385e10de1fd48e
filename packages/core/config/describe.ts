import { nearest } from './nearest.ts';
import { SECTIONS } from './schema.ts';
import { UserError } from '../errors/user-error.ts';
import { catalogue } from '../component/catalogue.ts';
import type { Component } from '../component/component.ts';
import { COMPONENT } from '../component/kind.ts';
import { asSchema, itemSchema, shapeOf, type Schema } from '../component/schema.ts';
import { componentOf, describeSchema } from '../component/words.ts';

/** An option of a component, for display. */
export interface OptionDescription {
  /** With the options inside a map written `batch.size`. */
  readonly name: string;
  /** What it allows: `an integer of at least 1`. */
  readonly type: string;
  readonly required: boolean;
  /** Absent where there is none. */
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly description: string | null;
}

export interface ComponentDescription {
  readonly kind: string;
  readonly type: string;
  readonly description: string;
  readonly options: readonly OptionDescription[];
}

/** Kinds that an experiment may name: those with a component and those of the sections. */
export function componentKinds(): string[] {
  return [...new Set([...catalogue.kinds(), ...Object.values(SECTIONS)])].sort();
}

/**
 * All components, or those that a name stands for: a kind (`loss`, or `losses`), or a type of any kind (`l1`).
 * Errors: `UserError` if there is neither.
 */
export function describeComponents(name?: string): ComponentDescription[] {
  const kinds = componentKinds();
  const all = kinds.flatMap((kind) => catalogue.components(kind));
  if (name === undefined) return all.map(describe);
  const kind = kinds.find((each) => each === name || plural(each) === name);
  const found = all.filter((each) => (kind === undefined ? each.declaration.type === name : each.kind === kind));
  if (found.length === 0 && kind === undefined) {
    const near = nearest(name, [...kinds, ...kinds.map(plural), ...all.map(({ declaration }) => declaration.type)]);
    const allowed = kinds.join(', ');
    const hint = near ? `; did you mean "${near}"?` : '.';
    const message = `There is no kind and no type of component "${name}"${hint} Kinds: ${allowed}.`;
    throw new UserError(message, [{ file: null, line: null, column: null, message, found: name, allowed }]);
  }
  return found.map(describe);
}

/** `losses`, `networks`; kinds that are plural already stay. */
function plural(kind: string): string {
  if (kind.endsWith('ss')) return `${kind}es`;
  return kind.endsWith('s') ? kind : kind.replace(/y$/, 'ie') + 's';
}

function describe({ kind, declaration: { type, description, options } }: Component): ComponentDescription {
  return { kind, type, description, options: describeOptions(asSchema(options), '') };
}

function describeOptions(schema: Schema, prefix: string): OptionDescription[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, option]) => {
    const path = `${prefix}${name}`;
    const required = (schema.required ?? []).includes(name) && !('default' in option);
    if (shapeOf(option) !== 'map') return [describeOption(path, option, required)];
    const inner = describeOptions(option, `${path}.`);
    const alwaysThere = required || 'default' in option;
    return alwaysThere ? inner : [describeOption(path, option, required), ...inner];
  });
}

function describeOption(name: string, option: Schema, required: boolean): OptionDescription {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = option;
  const bounds = { minimum, exclusiveMinimum, maximum, exclusiveMaximum };
  return {
    name,
    type: typeInWords(option),
    required,
    ...('default' in option && { default: option.default }),
    ...Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined)),
    description: option.description ?? null,
  };
}

function typeInWords(option: Schema): string {
  if (shapeOf(option) === 'component') return componentOf(option[COMPONENT]!);
  if (shapeOf(option) === 'list' && shapeOf(itemSchema(option, 0)) === 'component') {
    return `a list of ${catalogue.called(itemSchema(option, 0)[COMPONENT]!)} components`;
  }
  return describeSchema(option);
}
