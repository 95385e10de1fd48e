import { Type } from '@sinclair/typebox';
import { expect, test } from '@jest/globals';
import type { Declaration } from '../component/component.ts';
import { Kind, reference } from '../component/kind.ts';
import { CONTENT, pathOption } from '../component/path-option.ts';
import { UserError } from '../errors/user-error.ts';
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

new Kind<object>('stage').component({
  type: 'learning',
  description: 'learns from images',
  options: Type.Object({ data: reference('data') }),
})(Blur, {} as ClassDecoratorContext);

const contents: Record<string, string> = {};
new Kind<object>('dataset').component({
  type: 'pictures',
  description: 'images of a folder',
  options: Type.Object({
    root: pathOption({ [CONTENT]: true }),
    size: Type.Integer(),
    degradation: Type.Optional(reference('degradations')),
  }),
  content: ({ root }) => {
    if (!(root in contents)) throw new UserError(`There is no ${root}.`);
    return contents[root]!;
  },
})(Blur, {} as ClassDecoratorContext);

function identity(version?: number, versionOf?: Declaration['versionOf']): string {
  Object.assign(declaration, { version, versionOf });
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

new Kind<object>('stage').component({
  type: 'pair',
  description: 'trains two networks, or begins with one',
  options: Type.Object({ one: reference('networks'), other: Type.Optional(reference('networks')) }),
})(Blur, {} as ClassDecoratorContext);
new Kind<object>('network').component({ type: 'net', description: 'a network', options: Type.Object({}) })(
  Blur,
  {} as ClassDecoratorContext,
);

test('which network of a stage is taken counts by its role, not by its name', () => {
  const of = (one: string, other: string, taken: string) => {
    const stages = { s: { type: 'pair', one, other }, t: { type: 'pair', one: `s.${taken}` } };
    const networks = { g: { type: 'net' }, d: { type: 'net' } };
    const others = { degradations: {}, data: {}, methods: {}, metrics: {} };
    return new Identities({ stages, networks, ...others }, 0).of('stages', 't');
  };
  expect(of('g', 'd', 'g')).not.toBe(of('g', 'd', 'd'));
  expect(of('g', 'd', 'g')).toBe(of('d', 'g', 'd'));
});

test('the version of a component is part of what depends on it', () => {
  expect(identity(2)).toBe(identity(2));
  expect(new Set([identity(), identity(2), identity(3)]).size).toBe(3);
});

test('it may depend on the options', () => {
  expect(identity(undefined, ({ type }) => (type === 'blur' ? 2 : 3))).toBe(identity(2));
  expect(identity(undefined, () => undefined)).toBe(identity());
});

test('a component may say itself what counts of its files: then their names do not', () => {
  const spec = { type: 'pictures', root: '/a', size: 8, degradation: 'a' };
  const place = { source: new Source('a.yaml', 'data:\n  d: {}', ''), start: 8, end: 9 };
  const identityOf = (change: object) => {
    const changed = { ...spec, ...change };
    const sections = { degradations: { a: { type: 'blur' } }, data: { d: changed } };
    const others = { networks: {}, stages: {}, methods: {}, metrics: {} };
    return new Identities({ ...sections, ...others }, 0, () => place).of('data', 'd');
  };
  Object.assign(contents, { '/a': 'one', '/b': 'one', '/c': 'two' });
  const found = identityOf({});
  expect(identityOf({ root: '/b' })).toBe(found);
  for (const change of [{ root: '/c' }, { size: 9 }, { degradation: undefined }]) {
    expect(identityOf(change)).not.toBe(found);
  }
  expect(() => identityOf({ root: '/none' })).toThrow(/a\.yaml:2:3.*data\.d: There is no \/none\./s);
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

test('where a device degrades, that counts for what is trained on degraded images, and for nothing else', () => {
  const stage = (data: string) => ({ type: 'learning', data });
  const sections = {
    degradations: { a: { type: 'blur' } },
    data: {
      d: { type: 'pictures', root: '/a', size: 8, degradation: 'a' },
      s: { type: 'pictures', root: '/a', size: 8 },
    },
    networks: {},
    stages: { degraded: stage('d'), sharp: stage('s') },
    methods: {},
    metrics: {},
  };
  const of = (degrade?: 'host' | 'device') => new Identities(sections, 0, undefined, degrade);
  const [absent, host, device] = [of(), of('host'), of('device')];
  expect(host.of('stages', 'degraded')).toBe(absent.of('stages', 'degraded'));
  expect(device.of('stages', 'degraded')).not.toBe(absent.of('stages', 'degraded'));
  expect(device.of('stages', 'sharp')).toBe(absent.of('stages', 'sharp'));
  expect(device.of('data', 'd')).toBe(absent.of('data', 'd')); // test images are degraded by the processor
});
