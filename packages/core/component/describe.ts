import { nearest } from '../config/nearest.ts';
import { SECTIONS } from '../config/schema.ts';
import { UserError } from '../errors/user-error.ts';
import { catalogue } from './catalogue.ts';
import { COMPONENT, type Component } from './kind.ts';
import { asSchema, itemSchema, shapeOf, type Schema } from './schema.ts';
import { article, describeSchema } from './words.ts';

/** An option of a component, for people. */
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
 * All components, or those of a kind, with their options.
 * Errors: there is no such kind.
 */
export function describeComponents(kind?: string): ComponentDescription[] {
  const kinds = componentKinds();
  if (kind !== undefined && !kinds.includes(kind)) {
    const near = nearest(kind, kinds);
    const allowed = kinds.join(', ');
    const message = `There is no kind of component "${kind}"${near ? `; did you mean "${near}"?` : '.'} Kinds: ${allowed}.`;
    throw new UserError(message, [{ file: null, line: null, column: null, message, found: kind, allowed }]);
  }
  return (kind === undefined ? kinds : [kind]).flatMap((each) => catalogue.components(each).map(describe));
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
  if (shapeOf(option) === 'component') return article(option[COMPONENT]!);
  if (shapeOf(option) === 'list' && shapeOf(itemSchema(option, 0)) === 'component') {
    return `a list of ${itemSchema(option, 0)[COMPONENT]} components`;
  }
  return describeSchema(option);
}
