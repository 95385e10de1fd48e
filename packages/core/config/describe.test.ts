import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { VALID } from './testing/fake-components.ts';
import { UserError } from '../errors/user-error.ts';
import { componentKinds, describeComponents } from './describe.ts';
import { jsonSchema } from './json-schema.ts';

const option = (kind: string, type: string, name: string) =>
  describeComponents(kind)
    .find((component) => component.type === type)!
    .options.find((each) => each.name === name);

describe('describeComponents', () => {
  test('all kinds, those of a kind', () => {
    expect(componentKinds()).toContain('network');
    expect(new Set(describeComponents().map(({ kind }) => kind)).size).toBe(componentKinds().length);
    expect(describeComponents('network').map(({ type }) => type)).toEqual(['hinet', 'nafnet', 'odd']);
  });

  test('takes the plural of a kind, and a type of any kind', () => {
    expect(describeComponents('networks')).toEqual(describeComponents('network'));
    expect(describeComponents('losses')).toEqual(describeComponents('loss'));
    expect(describeComponents('kernels').map(({ type }) => type)).toEqual(['camera-shake']);
    expect(describeComponents('psnr').map(({ kind }) => kind)).toEqual(['loss', 'metric']);
  });

  test('an unknown kind names the nearest', () => {
    expect(() => describeComponents('netwrk')).toThrow(UserError);
    expect(() => describeComponents('netwrk')).toThrow(
      'There is no kind and no type of component "netwrk"; did you mean "network"?',
    );
  });

  test('options: what they allow, defaults, bounds', () => {
    expect(option('network', 'nafnet', 'width')).toEqual({
      name: 'width',
      type: 'an integer of at least 1',
      required: false,
      default: 32,
      minimum: 1,
      description: 'channels',
    });
    expect(option('network', 'hinet', 'depth')).toMatchObject({ required: true, description: 'levels' });
    expect(option('optimizer', 'adam', 'learningRate')).toMatchObject({
      type: 'a number above 0 and of at most 1',
      exclusiveMinimum: 0,
      maximum: 1,
    });
    expect(option('optimizer', 'adam', 'betas')!.type).toBe('[a number of at least 0, a number of at least 0]');
    expect(option('stage', 'regression', 'loss')).toMatchObject({ type: 'a loss', default: { type: 'psnr' } });
    expect(option('stage', 'regression', 'losses')!.type).toBe('a list of loss components');
    expect(option('network', 'nafnet', 'blocks')!.type).toBe('a list of one or more integers of at least 0');
    expect(option('stage', 'regression', 'batch.size')).toMatchObject({ default: 8 });
    expect(option('stage', 'regression', 'keep')!.type).toBe('"best" or "last"');
    expect(option('stage', 'regression', 'network')!.type).toMatch(/name of an entry of networks, or STAGE\.NAME/);
    expect(option('dataset', 'folder', 'root')!.type).toBe('the name of a file or folder');
  });
});

describe('jsonSchema', () => {
  const validate = new Ajv({ strict: false }).compile(jsonSchema());
  const valid = (text: string) => validate(parse(text));

  test('takes what loads', () => {
    expect(valid(VALID)).toBe(true);
  });

  test('takes files that only change others', () => {
    expect(valid('extends: [a.yaml]\nstages: {first: {iterations: 3}}\ntracking: null\nnetworks: {x: null}')).toBe(
      true,
    );
    expect(valid('stages: {first: {type: regression, iterations: "${env:N}", flip: null}}')).toBe(true);
  });

  test.each([
    ['an unknown key', 'nmae: x'],
    ['an unknown type', 'networks: {x: {type: nafnt}}'],
    ['an unknown option', 'networks: {x: {type: nafnet, widht: 3}}'],
    ['an option out of range', 'networks: {x: {type: nafnet, width: 0}}'],
    ['a nested option out of range', 'stages: {x: {type: regression, optimizer: {type: adam, learningRate: 0}}}'],
    ['a choice that is none', 'runtime: {device: cup}'],
    ['an item of the wrong type', 'networks: {x: {type: nafnet, blocks: [a]}}'],
    ['an option without a type that no component has', 'networks: {x: {widht: 3}}'],
    ['a value without a type that no component takes', 'stages: {first: {iterations: 0}}'],
  ])('refuses %s', (_name, text) => {
    expect(valid(text)).toBe(false);
  });
});
