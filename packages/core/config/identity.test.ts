import { Type } from '@sinclair/typebox';
import { expect, test } from '@jest/globals';
import { Kind, type Declaration } from '../component/kind.ts';
import { CONTENT, pathOption } from '../component/path-option.ts';
import { Identities } from './identity.ts';
import { Source } from './source.ts';

const declaration: Declaration = { type: 'blur', description: 'a blur', options: Type.Object({}) };
class Blur {
  readonly border = 'reflect';
}
const kind = new Kind<object>('degradation');
kind.component(declaration)(Blur, {} as ClassDecoratorContext);
kind.component({
  type: 'kernels',
  description: 'kernels of a file',
  options: Type.Object({ statistics: pathOption({ [CONTENT]: true }) }),
})(Blur, {} as ClassDecoratorContext);

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

test('a file that cannot be read is named with the place of the component and the path of the option', () => {
  const spec = { type: 'kernels', statistics: '/no/such.npz' };
  const sections = { degradations: { a: spec }, data: {}, networks: {}, stages: {}, methods: {}, metrics: {} };
  const place = { source: new Source('a.yaml', 'degradations:\n  a: { type: kernels }', ''), start: 16, end: 17 };
  const identities = new Identities(sections, 0, (component) => (component === spec ? place : undefined));
  expect(() => identities.of('degradations', 'a')).toThrow(
    /a\.yaml:2:3.*degradations\.a\.statistics: Cannot read \/no\/such\.npz: there is no such file/s,
  );
});
