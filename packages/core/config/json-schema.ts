import { EXPERIMENT } from './schema.ts';
import { catalogue } from '../component/catalogue.ts';
import { COMPONENT, REFERENCE } from '../component/kind.ts';
import { asSchema, choices, shapeOf, type Schema } from '../component/schema.ts';
import { describeSchema } from '../component/words.ts';

type Json = Record<string, unknown>;

/** A text with an environment variable may stand for any value. */
const FROM_ENVIRONMENT = { type: 'string', pattern: '\\$\\{env:' };
/** Deletes what an extended file says. */
const DELETED = { type: 'null' };

/**
 * JSON Schema (draft 7) of experiment files, for editors: completion, descriptions, unknown and misspelt options.
 * It asks for no option, since a file that extends another may leave any out.
 */
export function jsonSchema(): Json {
  const kinds = catalogue.kinds();
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'An experiment of dualprior',
    ...options(EXPERIMENT, {
      extends: {
        description: 'files whose settings this one changes',
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, DELETED],
      },
    }),
    definitions: Object.fromEntries(kinds.map((kind) => [kind, kindSchema(kind)])),
  };
}

/** With a `type`, its options; without one, as where a file changes what another one says, those of all components of the kind. */
function kindSchema(kind: string): Json {
  const components = catalogue.components(kind).map(({ declaration }) => declaration);
  const type = {
    description: `which ${catalogue.called(kind)}`,
    anyOf: components.map((component) => ({ const: component.type, description: component.description })),
  };
  const optionsOf = components.map((component) => options(asSchema(component.options), { type: {} }));
  return {
    type: 'object',
    properties: { type },
    allOf: components.map((component, i) => ({
      if: { properties: { type: { const: component.type } }, required: ['type'] },
      then: optionsOf[i],
    })),
    if: { not: { required: ['type'] } },
    then: { type: 'object', properties: union(kind, optionsOf), additionalProperties: false },
  };
}

/** The options of several components: a value has to be one that any of them takes. */
function union(kind: string, maps: readonly Json[]): Json {
  const forms = new Map<string, Map<string, Json>>(); // by name, each once
  for (const [i, { properties }] of maps.entries()) {
    for (const [name, schema] of Object.entries(properties as Json)) {
      const place = `#/definitions/${kind}/allOf/${i}/then/properties/${name}`;
      const known = forms.get(name) ?? new Map<string, Json>();
      const text = JSON.stringify(schema);
      if (!known.has(text)) known.set(text, { $ref: place });
      forms.set(name, known);
    }
  }
  return Object.fromEntries([...forms].map(([name, known]) => [name, { anyOf: [...known.values()] }]));
}

function options(schema: Schema, more: Json = {}): Json {
  const own = Object.entries(schema.properties ?? {}).map(([name, option]) => [name, plain(option)] as const);
  return { type: 'object', properties: { ...more, ...Object.fromEntries(own) }, additionalProperties: false };
}

/** The schema without this project's keywords, as a file may write it. */
function plain(schema: Schema): Json {
  const about = {
    ...(schema.description !== undefined && { description: schema.description }),
    ...('default' in schema && { default: schema.default }),
  };
  return { ...about, anyOf: [...forms(schema), DELETED] };
}

function forms(schema: Schema): Json[] {
  switch (shapeOf(schema)) {
    case 'component':
      return catalogue.kinds().includes(schema[COMPONENT]!)
        ? [{ $ref: `#/definitions/${schema[COMPONENT]}` }]
        : [{ type: 'object' }];
    case 'reference':
      return [{ type: 'string', description: describeSchema({ [REFERENCE]: schema[REFERENCE]! }) }];
    case 'choice':
      return [{ enum: choices(schema)! }, FROM_ENVIRONMENT];
    case 'union':
      return schema.anyOf!.flatMap(forms);
    case 'map':
      return [options(schema)];
    case 'record': {
      const { patternProperties = { '.*': {} } } = schema;
      const values = Object.entries(patternProperties).map(([pattern, value]) => [pattern, plain(value)] as const);
      return [{ type: 'object', patternProperties: Object.fromEntries(values) }];
    }
    case 'list':
      return [{ ...bounds(schema), type: 'array', items: { anyOf: forms(schema.items as Schema) } }, FROM_ENVIRONMENT];
    case 'tuple': {
      const items = schema.items as readonly Schema[];
      return [
        { ...bounds(schema), type: 'array', items: items.map((item) => ({ anyOf: forms(item) })) },
        FROM_ENVIRONMENT,
      ];
    }
    case 'any':
      return [{}];
    case 'scalar':
      return [{ ...bounds(schema), type: schema.type }, FROM_ENVIRONMENT];
  }
}

const BOUNDS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'minLength',
  'pattern',
] as const;

function bounds(schema: Schema): Json {
  return Object.fromEntries(BOUNDS.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
}
