import { catalogue } from './catalogue.ts';
import { COMPONENT, READS, REFERENCE } from './kind.ts';
import { CONTENT, PATH } from './path-option.ts';
import { PUBLISHED } from './published-weights.ts';
import { asSchema, choices, itemSchema, recordValues, shapeOf, type Schema } from './schema.ts';
import { withOptions, type ComponentSpec } from './spec.ts';
import { isWeightsFile } from './weights-option.ts';

/** What becomes of the parts of a checked value. */
export interface Visitor {
  /** `path`: the options that lead to it, e.g. `networks.0`. */
  component(kind: string, spec: ComponentSpec, path: string): unknown;
  /** `part`: what alone is read of the entry (`Declaration.part`); undefined: all of it. */
  reference(section: string, text: string, path: string, part: string | undefined): unknown;
  /** A file of which the content counts; stays as it is by default. `isWeights`: it may be published weights. */
  file?(name: string, path: string, isWeights: boolean): unknown;
  /** Whether an option stays; all do by default. */
  keep?(option: Schema): boolean;
  /** Whether options have the names by which hashes know them (`Declaration.formerly`). */
  readonly formerly?: boolean;
}

/** A copy of a checked value in which components and references are replaced by what the visitor says. */
export function transform(schema: Schema, value: unknown, visitor: Visitor, path = ''): unknown {
  switch (shapeOf(schema)) {
    case 'component':
      return visitor.component(schema[COMPONENT]!, value as ComponentSpec, path);
    case 'reference':
      if (schema[PATH] && isWeightsFile(value as string)) return transformFile(schema, value as string, visitor, path);
      return visitor.reference(schema[REFERENCE]!, value as string, path, schema[READS]);
    case 'union':
      return transform(
        schema.anyOf!.find((member) => fits(member, value))!,
        value,
        visitor,
        path,
      );
    case 'map':
      return transformMap(schema, value as Record<string, unknown>, visitor, path);
    case 'record':
      return mapValues(value as Record<string, unknown>, (item, name) =>
        transform(recordValues(schema), item, visitor, inside(path, name)),
      );
    case 'list':
    case 'tuple':
      return (value as unknown[]).map((item, i) =>
        transform(itemSchema(schema, i), item, visitor, inside(path, String(i))),
      );
    case 'scalar':
      return schema[PATH] ? transformFile(schema, value as string, visitor, path) : value;
    default:
      return value;
  }
}

function transformFile(schema: Schema, name: string, visitor: Visitor, path: string): unknown {
  return schema[CONTENT] && visitor.file ? visitor.file(name, path, schema[PUBLISHED] === true) : name;
}

/** The options of a component, transformed; without its type. */
export function transformOptions(
  kind: string,
  spec: ComponentSpec,
  visitor: Visitor,
  path = '',
): Record<string, unknown> {
  const component = catalogue.find(kind, spec.type);
  if (!component) throw new Error(`There is no ${kind} of type "${spec.type}".`);
  const { declaration } = component;
  const options = transformMap(asSchema(declaration.options), withOptions(spec), visitor, path);
  return visitor.formerly && declaration.formerly ? { ...declaration.formerly(options, withOptions(spec)) } : options;
}

function transformMap(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  visitor: Visitor,
  path: string,
): Record<string, unknown> {
  const options = Object.entries(schema.properties ?? {}).filter(
    ([name, option]) => value[name] !== undefined && (visitor.keep?.(option) ?? true),
  );
  return Object.fromEntries(
    options.map(([name, option]) => [name, transform(option, value[name], visitor, inside(path, name))]),
  );
}

function inside(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}

/** Whether a checked value is one of this schema, of the members of a union. */
function fits(schema: Schema, value: unknown): boolean {
  switch (shapeOf(schema)) {
    case 'component':
      return (
        isMap(value) &&
        typeof value['type'] === 'string' &&
        catalogue.find(schema[COMPONENT]!, value['type']) !== undefined
      );
    case 'reference':
      return typeof value === 'string';
    case 'union':
      return schema.anyOf!.some((member) => fits(member, value));
    case 'choice':
      return choices(schema)!.includes(value);
    case 'map':
      return isMap(value) && Object.keys(value).every((name) => name in schema.properties!);
    case 'record':
      return isMap(value) && Object.values(value).every((item) => fits(recordValues(schema), item));
    case 'list':
    case 'tuple':
      return Array.isArray(value) && value.every((item, i) => fits(itemSchema(schema, i), item));
    case 'any':
      return true;
    case 'scalar':
      return typeof value === (schema.type === 'integer' ? 'number' : schema.type);
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
