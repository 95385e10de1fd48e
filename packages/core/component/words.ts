import { hideCredentials } from '../errors/hide-credentials.ts';
import { catalogue } from './catalogue.ts';
import { COMPONENT, REFERENCE } from './kind.ts';
import { PATH } from './path-option.ts';
import { choices, itemSchema, recordValues, shapeOf, WORDS, type Schema } from './schema.ts';
import { PUBLISHED } from './published-weights.ts';
import { WEIGHTS_FILES } from './weights-option.ts';

/** What a schema allows, as a user would say it: `an integer of at least 1`. */
export function describeSchema(schema: Schema): string {
  switch (shapeOf(schema)) {
    case 'component':
      return `${componentOf(schema[COMPONENT]!)} {type: ..., options}`;
    case 'reference':
      if (schema[PATH])
        return `a weights file (${WEIGHTS_FILES}), the name of published ones, or STAGE.NAME for what a stage has trained`;
      return schema[REFERENCE] === 'networks'
        ? 'the name of an entry of networks, or STAGE.NAME for one that a stage has trained'
        : `the name of an entry of ${schema[REFERENCE]}`;
    case 'choice':
      return choices(schema)!
        .map((choice) => showValue(choice))
        .join(' or ');
    case 'union':
      return schema.anyOf!.map(describeSchema).join(', or ');
    case 'map':
      return `a map of ${Object.keys(schema.properties!).join(', ')}`;
    case 'record':
      return `a map of names to ${plural(describeSchema(recordValues(schema)))}`;
    case 'list':
      return `a list of ${count(schema)}${plural(describeSchema(itemSchema(schema, 0)))}`;
    case 'tuple':
      return `[${(schema.items as readonly Schema[]).map(describeSchema).join(', ')}]`;
    case 'any':
      return 'anything';
    case 'scalar':
      return scalar(schema);
  }
}

function scalar(schema: Schema): string {
  switch (schema.type) {
    case 'integer':
      return ['an integer', ...range(schema)].join(' ');
    case 'number':
      return ['a number', ...range(schema)].join(' ');
    case 'boolean':
      return 'true or false';
    case 'string':
      if (schema[PUBLISHED]) return 'a weights file, or the name of published weights';
      if (schema[PATH]) return 'the name of a file or folder';
      return schema.pattern === undefined ? 'a string' : (schema[WORDS] ?? `a string like /${schema.pattern}/`);
    default:
      return schema.type ?? 'anything';
  }
}

/** `of at least 1`, `from 8 to 64`, `above 0 and of at most 1`, ...: nothing if a schema has no bounds. */
function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: Schema): string[] {
  const closed = minimum !== undefined && maximum !== undefined;
  const bounds = [
    closed ? `from ${minimum} to ${maximum}` : bound('of at least', minimum),
    bound('above', exclusiveMinimum),
    closed ? undefined : bound('of at most', maximum),
    bound('below', exclusiveMaximum),
    bound('that is a multiple of', multipleOf),
  ].filter((text) => text !== undefined);
  return bounds.length === 0 ? [] : [bounds.join(' and ')];
}

function bound(words: string, value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${words} ${value}`;
}

function count({ minItems, maxItems }: Schema): string {
  if (minItems !== undefined && minItems === maxItems) return `${minItems} `;
  if (minItems !== undefined && maxItems !== undefined) return `${minItems} to ${maxItems} `;
  if (minItems !== undefined) return `${minItems === 1 ? 'one' : minItems} or more `;
  return maxItems === undefined ? '' : `at most ${maxItems} `;
}

function plural(words: string): string {
  return words
    .replace(/^an? (integer|number|string|map)/, '$1s')
    .replace(/^an? ([^{]+) \{type/, '$1 components {type')
    .replace(/^the name of/, 'names of')
    .replace(/^true or false$/, 'true and false')
    .replace(/^anything$/, 'values');
}

/** A component of a kind: `a loss`, `an optimizer`, `a feature extractor`. */
export function componentOf(kind: string): string {
  const word = catalogue.called(kind);
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}

/** A value as it would stand in the file, without credentials, cut where it is long. */
export function showValue(value: unknown, longest = 70): string {
  const text = hideCredentials(typeof value === 'string' ? JSON.stringify(value) : flow(value));
  return text.length <= longest ? text : `${text.slice(0, longest - 3)}...`;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}
