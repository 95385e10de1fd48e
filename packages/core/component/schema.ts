import type { TSchema } from '@sinclair/typebox';
import { COMPONENT, REFERENCE, type READS } from './kind.ts';
import type { ADDRESS, CONTENT, IDENTITY, MODULE, PATH } from './path-option.ts';
import type { PUBLISHED } from './published-weights.ts';

/** A JSON Schema as TypeBox writes it, with this project's own keywords; read, never written. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema | readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly [WORDS]?: string;
  readonly [COMPONENT]?: string;
  readonly [REFERENCE]?: string;
  readonly [READS]?: string;
  readonly [PATH]?: boolean;
  readonly [CONTENT]?: boolean;
  readonly [MODULE]?: boolean;
  readonly [PUBLISHED]?: boolean;
  readonly [ADDRESS]?: boolean;
  readonly [IDENTITY]?: boolean;
  readonly [ALONE]?: string;
}

/** Name of the schema keyword that names an option of a map: if no other is given, its value stands for the map. */
export const ALONE = 'x-alone';

/** Name of the schema keyword that says in words what a pattern allows. */
export const WORDS = 'x-words';

export function asSchema(schema: TSchema): Schema {
  return schema as unknown as Schema;
}

/** What a schema is about, in one word. */
type Shape = 'component' | 'reference' | 'union' | 'choice' | 'map' | 'record' | 'list' | 'tuple' | 'any' | 'scalar';

export function shapeOf(schema: Schema): Shape {
  if (schema[COMPONENT] !== undefined) return 'component';
  if (schema[REFERENCE] !== undefined) return 'reference';
  if (choices(schema)) return 'choice';
  if (schema.anyOf) return 'union';
  if (schema.type === 'object') return schema.patternProperties || !schema.properties ? 'record' : 'map';
  if (schema.type === 'array') return Array.isArray(schema.items) ? 'tuple' : 'list';
  return schema.type === undefined ? 'any' : 'scalar';
}

/** The values of an enumeration, if the schema is one. */
export function choices(schema: Schema): readonly unknown[] | undefined {
  if ('const' in schema) return [schema.const];
  if (schema.enum) return schema.enum;
  if (!schema.anyOf?.every((member) => 'const' in member)) return undefined;
  return schema.anyOf.map((member) => member.const);
}

/** Schema of the values of a record. */
export function recordValues(schema: Schema): Schema {
  const [first] = Object.values(schema.patternProperties ?? {});
  return first ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {});
}

/** Schema of an item of a list or tuple. */
export function itemSchema({ items }: Schema, index: number): Schema {
  if (!isTuple(items)) return items ?? {};
  return items[index] ?? {};
}

function isTuple(items: Schema['items']): items is readonly Schema[] {
  return Array.isArray(items);
}
