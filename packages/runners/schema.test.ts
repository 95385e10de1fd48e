import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { jsonSchema } from '@dualprior/core';
import { Ajv } from 'ajv';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import './index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SCHEMA = join(ROOT, 'experiments', 'schema.json');
const written = JSON.parse(readFileSync(SCHEMA, 'utf8')) as object;
const validate = new Ajv({ strict: false }).compile(written);

test('the schema for editors is that of the components as they are (else: yarn index)', () => {
  expect(written).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
});

describe.each(globSync(['experiments/*.yaml', 'datasets/*.yaml', 'degradations/*.yaml'], { cwd: ROOT }))(
  '%s',
  (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');

    test('names the schema in its first line', () => {
      const [, path] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
      expect(resolve(ROOT, dirname(file), path ?? '')).toBe(SCHEMA);
    });

    test('is what the schema takes', () => {
      validate(parse(text, { merge: true }));
      expect(validate.errors).toBeNull();
    });
  },
);
