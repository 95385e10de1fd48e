import { Type } from '@sinclair/typebox';
import { expect, test } from '@jest/globals';
import { Kind, type Declaration } from '../component/kind.ts';
import { Identities } from './identity.ts';

const declaration: Declaration = { type: 'blur', description: 'a blur', options: Type.Object({}) };
class Blur {
  readonly border = 'reflect';
}
new Kind<object>('degradation').component(declaration)(Blur, {} as ClassDecoratorContext);

function identity(version?: number): string {
  Object.assign(declaration, { version });
  const sections = {
    degradations: { a: { type: 'blur' } },
    data: {},
    networks: {},
    stages: {},
    methods: {},
    metrics: {},
  };
  return new Identities(sections, 0).of('degradations', 'a');
}

test('the version of a component is part of what depends on it', () => {
  expect(identity(2)).toBe(identity(2));
  expect(new Set([identity(), identity(2), identity(3)]).size).toBe(3);
});
