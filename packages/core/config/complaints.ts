import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Schema } from '../component/schema.ts';

// Schemas are checked by the compiler of TypeScript, and need no check against JSON Schema's own.
const ajv = new Ajv({ allErrors: true, strict: false, strictNumbers: true, meta: false, validateSchema: false });
const compiled = new Map<string, ValidateFunction>();

/** What `ajv` finds wrong with a value itself, not with what it holds; in words that follow the option's name. */
export function complaints(schema: Schema, value: unknown): string[] {
  const own = shallow(schema);
  const key = JSON.stringify(own);
  let validate = compiled.get(key);
  if (!validate) {
    validate = ajv.compile(own);
    compiled.set(key, validate);
  }
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  const type = errors.find(({ keyword }) => keyword === 'type');
  return type ? ['has the wrong type'] : [...new Set(errors.map(wording))];
}

function shallow(schema: Schema): object {
  const {
    properties: _p,
    patternProperties: _q,
    additionalProperties: _a,
    required: _r,
    items: _i,
    anyOf: _o,
    description: _d,
    default: _v,
    ...own
  } = schema;
  // The value of an absent option is undefined in tuples; ajv wants to see only what stands in the file.
  return own;
}

function wording({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return 'is out of range';
    case 'multipleOf':
      return `is not a multiple of ${params['multipleOf']}`;
    case 'minItems':
    case 'minProperties':
      return 'has too few items';
    case 'maxItems':
    case 'maxProperties':
      return 'has too many items';
    case 'uniqueItems':
      return `has the same item twice (${Number(params['j']) + 1} and ${Number(params['i']) + 1})`;
    case 'minLength':
      return params['limit'] === 1 ? 'is empty' : 'is too short';
    case 'maxLength':
      return 'is too long';
    case 'pattern':
      return 'has an invalid format';
    default:
      return message ?? 'is wrong';
  }
}
