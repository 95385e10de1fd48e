import { describe, expect, test } from '@jest/globals';
import { Type } from '@sinclair/typebox';
import { Kind, reference } from '../../component/kind.ts';
import { IDENTITY } from '../../component/path-option.ts';
import { withOptions } from '../../component/spec.ts';
import { loadExperiment } from '../load.ts';
import { ConfigError } from '../findings.ts';
import { Fake, VALID } from '../testing/fake-components.ts';
import { folderWith } from '../testing/files.ts';
import type { Experiment } from '../experiment.ts';
import { UserError } from '../../errors/user-error.ts';
import { loadOne, loadSweep, type Sweep } from './load-sweep.ts';

const seed = Type.Optional(Type.Integer({ [IDENTITY]: false }));
const stages = new Kind<Fake, { readonly purpose: string }>('stage', { common: { seed } });

@stages.component({
  type: 'drawn-prior',
  description: 'trains a prior',
  options: Type.Object({ network: reference('networks'), iterations: Type.Integer() }),
  about: () => ({ purpose: 'prior' }),
})
export class DrawnPrior extends Fake {}

@stages.component({
  type: 'on-prior',
  description: 'depends on a prior',
  options: Type.Object({ network: reference('networks'), prior: reference('networks'), iterations: Type.Integer() }),
  about: () => ({ purpose: 'restorer' }),
})
export class OnPrior extends Fake {}

const PRIOR = `
networks: {g: {type: nafnet}}
stages:
  prior: {type: drawn-prior, network: g, iterations: 5}
  last: {type: on-prior, network: nafnet, prior: prior.g, iterations: 5}
methods: {Last: {type: regression, network: last.nafnet}}
`;

/** With absolute paths, so that identities do not depend on the folder of the test. */
const BASE = VALID.replaceAll('root: images', 'root: /images');

function sweep(text: string, more: readonly string[] = [], set: readonly string[] = []): Sweep {
  const cwd = folderWith({ 'a.yaml': `extends: base.yaml\n${text}\n`, 'base.yaml': BASE });
  return loadSweep('a.yaml', { cwd, env: {}, sweep: more, set });
}

function problems(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

const names = ({ variants }: Sweep) => variants.map(({ name }) => name);
const plain = loadExperiment('a.yaml', { cwd: folderWith({ 'a.yaml': BASE }), env: {} });

describe('a grid', () => {
  test('tries all combinations beside the experiment itself, named by what differs', () => {
    const found = sweep('sweep: {grid: {stages.first.iterations: [10, 20], networks.nafnet.width: [32, 16]}}');
    expect(names(found)).toEqual(['', 'iterations=10, width=16', 'iterations=20, width=32', 'iterations=20, width=16']);
    const [, small, , both] = found.variants;
    expect(withOptions(small!.experiment.entry('networks', 'nafnet'))['width']).toBe(16);
    expect(withOptions(small!.experiment.entry('stages', 'first'))['iterations']).toBe(10);
    expect(both!.changes).toEqual({ 'stages.first.iterations': 20, 'networks.nafnet.width': 16 });
    expect(found.base.hash).toBe(plain.hash);
  });

  test('sets items of lists and whole components', () => {
    const text = `sweep: {grid: {networks.nafnet.blocks.1: [3], stages.first.loss: [{type: charbonnier, epsilon: 0.5}, {type: psnr}]}}`;
    const found = sweep(text);
    expect(names(found)).toEqual(['', 'blocks.1=3, loss=charbonnier', 'blocks.1=3, loss=psnr']);
    const { experiment } = found.variants[1]!;
    expect(withOptions(experiment.entry('networks', 'nafnet'))['blocks']).toEqual([1, 3]);
    expect(withOptions(experiment.entry('stages', 'first'))['loss']).toEqual({ type: 'charbonnier', epsilon: 0.5 });
  });

  test.each([[['networks.nafnet.width=16,64']], [['networks.nafnet.width=[16, 64]']]])(
    'of the command line %j joins that of the file and replaces equal paths',
    (given) => {
      const found = sweep('sweep: {grid: {stages.first.iterations: [20], networks.nafnet.width: [8]}}', given);
      expect(names(found)).toEqual(['', 'iterations=20, width=16', 'iterations=20, width=64']);
    },
  );

  test('paths with equal ends have longer names', () => {
    const found = sweep('sweep: {grid: {stages.first.iterations: [20], stages.second.iterations: [30]}}');
    expect(names(found)).toEqual(['', 'first.iterations=20, second.iterations=30']);
  });
});

test('named variants run beside the grid, not crossed with it', () => {
  const found = sweep(`
sweep:
  grid: {networks.nafnet.width: [16]}
  variants: {longer: {stages.first.iterations: 40, stages.second.iterations: 40}}`);
  expect(names(found)).toEqual(['', 'width=16', 'longer']);
  const [, , longer] = found.variants;
  expect(withOptions(longer!.experiment.entry('networks', 'nafnet'))['width']).toBe(32);
  expect(longer!.experiment.name).toBe('valid-longer');
});

test('runs have names of letters that folders can have, of at most 60, with a number where two are equal', () => {
  const long = 'x'.repeat(70);
  const variant = (name: string, width: number) => `"${name}": {networks.nafnet.width: ${width}}`;
  const given = ['a b', 'a/b', '(a.b_c)', 'ä--b!', long].map((name, i) => variant(name, i + 1));
  const found = sweep(`sweep: {variants: {${given.join(', ')}}}`);
  expect(found.variants.map(({ experiment }) => experiment.name)).toEqual([
    'valid',
    'valid-a-b',
    'valid-a-b-2',
    'valid-a.b_c',
    'valid-b',
    `valid-${'x'.repeat(60)}`,
  ]);
  expect(names(found)).toContain(long);
});

test('a point of the grid that is the experiment itself is left out; variants equal to a point are a mistake', () => {
  const text = 'networks.nafnet.width: ';
  expect(names(sweep(`sweep: {grid: {${text}[32]}}`))).toEqual(['']);
  const both = () => sweep(`sweep: {grid: {${text}[16]}, variants: {w: {${text}16}}}`);
  expect(problems(both)).toContain('the variant "w" is "width=16": it changes nothing that results depend on');
  expect(problems(both)).toContain('found: {"networks.nafnet.width":16}');
});

describe('seeds', () => {
  test('give each variant once per seed; without any, and with one, the experiment is what it was', () => {
    const found = sweep('seeds: [3, 5]\nsweep: {variants: {wide: {networks.nafnet.width: 64}}}');
    expect(found.variants.map(({ name, experiment }) => [name, experiment.seed])).toEqual([
      ['', 3],
      ['', 5],
      ['wide', 3],
      ['wide', 5],
    ]);
    expect(found.variants.map(({ experiment }) => experiment.name)).toEqual([
      'valid-seed-3',
      'valid-seed-5',
      'valid-wide-seed-3',
      'valid-wide-seed-5',
    ]);
    const [one] = sweep('seeds: [3]').variants;
    expect(one!.experiment.name).toBe('valid');
    const cwd = folderWith({ 'a.yaml': BASE });
    const set = loadExperiment('a.yaml', { cwd, env: {}, set: ['seed=3'] });
    expect(one!.experiment.hash).toBe(set.hash);
    expect(one!.experiment.identity('stages', 'second')).toBe(set.identity('stages', 'second'));
  });

  test('a prior is trained once, with the first seed; what depends on it once per seed', () => {
    const found = sweep(`seeds: [0, 1]\n${PRIOR}`);
    const [zero, one] = found.variants.map(({ experiment }) => experiment);
    expect(found.shared).toEqual(['prior']);
    expect(one!.identity('stages', 'prior')).toBe(zero!.identity('stages', 'prior'));
    expect(one!.identity('stages', 'last')).not.toBe(zero!.identity('stages', 'last'));
    expect(one!.hash).not.toBe(zero!.hash);
    const alone = sweep(PRIOR, [], ['seed=1']).base;
    expect(one!.hash).not.toBe(alone.hash);
    expect(one!.identity('stages', 'last')).not.toBe(alone.identity('stages', 'last'));
  });

  test('what a stage with a seed of its own computes is what it computes in an experiment of that seed', () => {
    const own = sweep(PRIOR, [], ['seed=1', 'stages.prior.seed=0', 'stages.last.seed=7']).base;
    const [zero, seven] = [0, 7].map((seed) => sweep(PRIOR, [], [`seed=${seed}`]).base);
    expect(own.identity('stages', 'prior')).toBe(zero!.identity('stages', 'prior'));
    expect(own.identity('stages', 'first')).toBe(sweep(PRIOR, [], ['seed=1']).base.identity('stages', 'first'));
    expect(own.identity('stages', 'last')).not.toBe(seven!.identity('stages', 'last'));
    expect(own.forStage('prior').seed).toBe(0);
    expect(own.forStage('prior').identity('stages', 'prior')).toBe(own.identity('stages', 'prior'));
    expect(own.forStage('last').identity('stages', 'last')).toBe(own.identity('stages', 'last'));
    expect(own.forStage('last').stageSeed('prior')).toBe(0);
  });

  test('stages that are named are shared, with what they depend on, and no others', () => {
    const found = sweep(`seeds: {values: [0, 1], shared: [last]}\n${PRIOR}`);
    expect(found.shared).toEqual(['prior', 'last']);
    expect(sweep(`seeds: {values: [0, 1], shared: []}\n${PRIOR}`).shared).toEqual([]);
  });

  test('replace the seed of the file', () => {
    expect(sweep('seed: 9\nseeds: [4, 6]').variants.map(({ experiment }) => experiment.seed)).toEqual([4, 6]);
  });
});

describe('errors say where and what to do', () => {
  test.each([
    ['sweep: {grid: {networks.nafnet.wdth: [8]}}', 'a.yaml:2:32: networks.nafnet', 'did you mean "width"?'],
    ['sweep: {grid: {networks.nafnet.blocks.9: [8]}}', 'networks.nafnet.blocks has no entry 9', '2 entries'],
    ['sweep: {grid: {networks.nafnet.width: []}}', 'sweep.grid.networks.nafnet.width has too few items', 'one or more'],
    ['sweep: {grid: {networks.nafnet.width: [8, 8]}}', 'this value is there twice', 'found: 8'],
    ['sweep: {grid: {networks.nafnet.width: [0]}}', 'networks.nafnet.width', 'at least 1'],
    ['sweep: {grid: {seed: [0, 1]}}', 'the seed is no setting to sweep', 'seeds: [0, 1, 2]'],
    ['sweep: {grid: {name: [a, b]}}', '"name" cannot be swept: it belongs to the file', 'found: name'],
    ['sweep: {variants: {a: {plugins.0: x}}}', '"plugins" cannot be swept: it belongs to the file', 'a.yaml:2:24'],
    ['sweep: {grid: {a b: [1, 2]}}', '"a b" is no path', 'names joined by points'],
    ['sweep: {variants: {same: {networks.nafnet.width: 32}}}', '"same" is the experiment itself', 'changes nothing'],
    [
      'sweep: {variants: {a: {networks.nafnet.width: 8}, b: {networks.nafnet.width: 8}}}',
      'the variant "b" is "a"',
      'changes nothing',
    ],
    ['sweep: {variants: {a: {}}}', 'sweep.variants.a changes nothing', 'always runs'],
    ['sweep: {gird: {networks.nafnet.width: [8]}}', 'gird', 'did you mean "grid"?'],
    ['seeds: []', 'seeds has too few items', 'one or more'],
    ['seeds: [1, 2, 1]', 'seeds: 1 is there twice', 'a.yaml:2:15'],
    ['seeds: {values: [1, 2], shared: [frist]}', 'there is no stage "frist"', 'did you mean "first"?'],
    ['seeds: [-1]', 'seeds[0] is out of range', 'an integer from 0'],
  ])('%s', (text, ...expected) => {
    const message = problems(() => sweep(text));
    for (const part of expected) expect(message).toContain(part);
  });

  test.each([
    ['networks.nafnet.width', 'not of the form a.b.c=V1,V2'],
    ['networks.nafnet.width=', 'has no values'],
    ['networks.nafnet.width=[1,', '--sweep #1'],
    ['+networks.nafnet.width=4,8', 'not of the form a.b.c=V1,V2'],
    ['networks.nafnet.widht=4,8', 'did you mean "width"?'],
  ])('--sweep %s', (given, expected) => {
    expect(problems(() => sweep('', [given]))).toContain(expected);
  });

  test('all that is wrong is reported at once, the same mistake of several variants once', () => {
    const message = problems(() =>
      sweep('sweep: {grid: {networks.nafnet.width: [0, 16], stages.first.iterations: [7, 8, -1]}}'),
    );
    expect(message.match(/networks\.nafnet\.width is out of range/g)).toHaveLength(1);
    expect(message).toContain('2 problems');
  });

  test('a seed on the command line beside seeds', () => {
    expect(problems(() => sweep('seeds: [0, 1]', [], ['seed=3']))).toContain('which replace `seed`');
  });
});

describe('one experiment of a sweep', () => {
  const text = 'seeds: [3, 4]\nsweep: {grid: {networks.nafnet.width: [16, 64]}}';
  const one = (only?: string, given = text) => {
    const cwd = folderWith({ 'a.yaml': `extends: base.yaml\n${given}\n`, 'base.yaml': BASE });
    return loadOne('a.yaml', { cwd, env: {}, ...(only !== undefined && { only }) });
  };
  const width = (experiment: Experiment) => withOptions(experiment.entry('networks', 'nafnet'))['width'];

  test('is the base with the first seed, or the one that is named', () => {
    expect([one().seed, width(one())]).toEqual([3, 32]);
    const all = sweep(text).variants.map(({ experiment }) => experiment);
    expect(all).toHaveLength(6);
    for (const experiment of all) {
      const alone = one(experiment.name);
      expect([alone.name, alone.seed, width(alone)]).toEqual([experiment.name, experiment.seed, width(experiment)]);
      expect(alone.hash).toBe(experiment.hash);
    }
    expect(new Set(all.map(({ name }) => name)).size).toBe(6);
    expect(one('valid', 'seed: 7').seed).toBe(7);
  });

  test('that there is not is an error with those that there are', () => {
    const [first] = sweep(text).variants.map(({ experiment }) => experiment.name);
    expect(() => one(`${first!}x`)).toThrow(UserError);
    expect(() => one(`${first!}x`)).toThrow(
      `--only: there is no experiment "${first!}x" in a.yaml (did you mean "${first!}"?). There are ${first!}, `,
    );
    expect(() => one('zzzzzzzzzzzzzzzzzzz')).toThrow(`"zzzzzzzzzzzzzzzzzzz" in a.yaml. There are ${first!}, `);
  });
});
