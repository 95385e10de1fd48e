import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { escapeEnvironment } from './environment.ts';
import type { Experiment } from './experiment.ts';
import { loadExperiment } from './load.ts';
import { ConfigError } from './findings.ts';
import { VALID } from './testing/fake-components.ts';
import { folderWith } from './testing/files.ts';
import { withOptions } from '../component/spec.ts';

interface Given {
  readonly set?: string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** VALID with this text laid on it by a file that extends it. */
function over(text: string, { set = [], env = {} }: Given = {}): Experiment {
  const cwd = folderWith({ 'a.yaml': `extends: base.yaml\n${text}\n`, 'base.yaml': VALID });
  return loadExperiment('a.yaml', { cwd, set, env });
}

function load(text: string): Experiment {
  return loadExperiment('a.yaml', { cwd: folderWith({ 'a.yaml': text }), env: {} });
}

const stage = (experiment: Experiment, name = 'first') => experiment.entry('stages', name);

describe('values', () => {
  test('defaults, also those of nested components and maps, in the order of the schema', () => {
    expect(stage(load(VALID))).toEqual({
      type: 'regression',
      network: 'nafnet',
      data: 'train',
      iterations: 10,
      batch: { size: 8 },
      loss: { type: 'psnr' },
      optimizer: { type: 'adam', learningRate: 1e-3, betas: [0.9, 0.999], schedule: { type: 'constant' } },
      flip: true,
      keep: 'best',
      logEvery: 10,
    });
    expect(Object.keys(stage(load(VALID))).slice(0, 3)).toEqual(['type', 'network', 'data']);
    const { runtime, tracking, evaluation } = load(VALID).config;
    expect({ runtime, tracking, evaluation }).toEqual({
      runtime: { device: 'auto', compile: true, recompute: false },
      tracking: null,
      evaluation: { data: 'test', batch: 8, images: 8 },
    });
  });

  test.each([
    ['10', 10],
    ['1e2', 100],
    ['1.0e+2', 100],
    ['8.0', 8],
    ['1_000', 1000],
    ['10_000_000', 10_000_000],
    ['0x10', 16],
  ])('the integer %s', (text, value) => {
    expect(stage(over(`stages: {first: {iterations: ${text}}}`))).toMatchObject({ iterations: value });
  });

  test.each([
    ['1e-3', 1e-3],
    ['1.0e-3', 1e-3],
    ['.5', 0.5],
    ['1', 1],
    ['2.5E-1', 0.25],
  ])('the number %s', (text, value) => {
    const experiment = over(`stages: {first: {optimizer: {learningRate: ${text}}}}`);
    expect(stage(experiment)).toMatchObject({ optimizer: { type: 'adam', learningRate: value } });
  });

  test('members of a union', () => {
    expect(stage(over('stages: {first: {clip: 0.5}}'))).toMatchObject({ clip: 0.5 });
    expect(stage(over('stages: {first: {clip: auto}}'))).toMatchObject({ clip: 'auto' });
    expect(stage(over('stages: {first: {clip: "${env:CLIP:-0.5}"}}'))).toMatchObject({ clip: 0.5 });
    expect(stage(over('stages: {first: {clip: "${env:CLIP:-auto}"}}'))).toMatchObject({ clip: 'auto' });
  });

  test('a list of components', () => {
    const losses = [{ type: 'psnr' }, { type: 'charbonnier', epsilon: 1e-3 }];
    expect(stage(over('stages: {first: {losses: [{type: psnr}, {type: charbonnier}]}}'))).toMatchObject({ losses });
  });

  test('an experiment without a name is called like its file', () => {
    const cwd = folderWith({
      'a.yaml': VALID.replace('name: valid\n', ''),
      '-my tests.yml': 'extends: a.yaml',
      '-.yaml': 'extends: a.yaml',
    });
    expect(loadExperiment('a.yaml', { cwd }).name).toBe('a');
    expect(loadExperiment('-my tests.yml', { cwd }).name).toBe('my-tests');
    expect(loadExperiment('-.yaml', { cwd }).name).toBe('experiment');
  });

  test('a text that looks like a number stays a text where the schema wants one', () => {
    expect(stage(over('stages: {first: {note: "8"}}'))).toMatchObject({ note: '8' });
    expect(stage(over('stages: {first: {note: "${env:NOTE}"}}', { env: { NOTE: '8' } }))).toMatchObject({ note: '8' });
  });
});

describe('merging', () => {
  test('maps merge deeply, lists and scalars replace', () => {
    const experiment = over('stages: {first: {iterations: 5}}\nnetworks: {nafnet: {blocks: [9]}}');
    expect(stage(experiment)).toMatchObject({ iterations: 5, data: 'train' });
    expect(experiment.entry('networks', 'nafnet')).toEqual({ type: 'nafnet', width: 32, blocks: [9] });
  });

  test('a changed type replaces the whole component, the same type does not', () => {
    const experiment = over('networks: {nafnet: {type: hinet, depth: 3}, hinet: {type: hinet}}');
    expect(experiment.entry('networks', 'nafnet')).toEqual({ type: 'hinet', depth: 3 });
    expect(experiment.entry('networks', 'hinet')).toEqual({ type: 'hinet', depth: 2 });
  });

  test('tracking is one tracker or a list of them, and no part of the hash', () => {
    const cwd = folderWith({ 'base.yaml': VALID });
    const load = (tracking: string, set: string[] = []) => {
      writeFileSync(join(cwd, 'a.yaml'), `extends: base.yaml\ntracking: ${tracking}\n`);
      return loadExperiment('a.yaml', { cwd, set });
    };
    const [none, one, two] = ['null', '{type: mlflow}', '[{type: mlflow}, {type: files}]'].map((text) => load(text));
    expect(none!.trackers).toEqual([]);
    expect(one!.trackers).toEqual([{ type: 'mlflow', experiment: 'all' }]);
    expect(two!.trackers).toEqual([{ type: 'mlflow', experiment: 'all' }, { type: 'files' }]);
    expect([one!.hash, two!.hash]).toEqual([none!.hash, none!.hash]);
    expect(load('[{type: mlflow}, {type: files}]', ['tracking.0.experiment=other']).trackers[0]).toEqual({
      type: 'mlflow',
      experiment: 'other',
    });
    writeFileSync(join(cwd, 'b.yaml'), two!.toYaml());
    expect(loadExperiment('b.yaml', { cwd }).config).toEqual(two!.config);
  });

  test('null deletes: an entry, an option (its default comes back), tracking', () => {
    const base = `${VALID}tracking: {type: mlflow}\n`;
    const cwd = folderWith({
      'a.yaml': 'extends: b.yaml\nnetworks: {hinet: null, nafnet: {blocks: }}\ntracking: null\n',
      'b.yaml': base,
    });
    const experiment = loadExperiment('a.yaml', { cwd });
    expect([...experiment.entries('networks')]).toEqual([['nafnet', { type: 'nafnet', width: 32, blocks: [1, 1] }]]);
    expect(experiment.config.tracking).toBeNull();
    expect(loadExperiment('b.yaml', { cwd }).config.tracking).toEqual({ type: 'mlflow', experiment: 'all' });
  });

  test('several files in order, each relative to the one that names it', () => {
    const cwd = folderWith({
      'a/a.yaml': 'extends: [../b/b.yaml, ../seed2.yaml]\n',
      'b/b.yaml': 'extends: ../base.yaml\nseed: 1\nstages: {first: {iterations: 7}}\n',
      'base.yaml': VALID,
      'seed2.yaml': 'seed: 2\n',
    });
    const experiment = loadExperiment('a/a.yaml', { cwd });
    expect(experiment.seed).toBe(2);
    expect(stage(experiment)).toMatchObject({ iterations: 7 });
  });

  test('the same file twice is no circle', () => {
    const cwd = folderWith({
      'a.yaml': 'extends: [base.yaml, b.yaml]',
      'b.yaml': 'extends: base.yaml',
      'base.yaml': VALID,
    });
    expect(loadExperiment('a.yaml', { cwd }).config).toEqual(loadExperiment('base.yaml', { cwd }).config);
  });

  test('merge keys: own entries win, and the first map of several', () => {
    const experiment = over(
      'stages:\n  third: &third {type: regression, network: nafnet, data: train, iterations: 3, flip: false}\n' +
        '  fourth: {<<: *third, iterations: 4}\n  fifth: {<<: [{iterations: 5}, *third], flip: true}',
    );
    expect(stage(experiment, 'fourth')).toMatchObject({ iterations: 4, flip: false });
    expect(stage(experiment, 'fifth')).toMatchObject({ iterations: 5, flip: true });
  });

  test('the order of entries is that of the files', () => {
    const experiment = over(
      'methods: {B: {type: regression, network: nafnet}, A: {type: regression, network: nafnet}}',
    );
    expect([...experiment.entries('methods').keys()]).toEqual(['NAFNet', 'B', 'A']);
  });

  test('a map that names all entries of the one before gives their order', () => {
    const experiment = over('methods: {B: {type: regression, network: nafnet}, NAFNet: {}}');
    expect([...experiment.entries('methods').keys()]).toEqual(['B', 'NAFNet']);
  });
});

describe('--set', () => {
  test('overrides, adds, deletes, in any order', () => {
    const set = [
      'networks.hinet.depth=4',
      'networks.hinet.type=hinet',
      'stages.first.flip=false',
      'networks.nafnet.blocks=',
    ];
    const experiment = over('', { set });
    expect(experiment.entry('networks', 'hinet')).toEqual({ type: 'hinet', depth: 4 });
    expect(experiment.entry('networks', 'nafnet')).toMatchObject({ blocks: [1, 1] });
    expect(stage(experiment)).toMatchObject({ flip: false });
  });

  test('a changed type with its options', () => {
    const set = ['networks.nafnet.depth=4', 'networks.nafnet.type=hinet'];
    expect(over('', { set }).entry('networks', 'nafnet')).toEqual({ type: 'hinet', depth: 4 });
  });

  test('leaves the order of entries, whatever the order of what is set', () => {
    const set = ['methods.B.network=nafnet', 'methods.NAFNet.network=nafnet'];
    const experiment = over('methods: {B: {type: regression, network: nafnet}}', { set });
    expect([...experiment.entries('methods').keys()]).toEqual(['NAFNet', 'B']);
  });

  test('the last of the same wins', () => {
    expect(over('', { set: ['seed=1', 'seed=2'] }).seed).toBe(2);
  });

  test('YAML values, items of lists, texts with "="', () => {
    const set = ['networks.nafnet.blocks=[1, 2, 3]', 'stages.first.optimizer.betas.1=0.5', 'stages.first.note=a=b'];
    const experiment = over('stages: {first: {optimizer: {betas: [0.1, 0.2]}}}', { set });
    expect(experiment.entry('networks', 'nafnet')).toMatchObject({ blocks: [1, 2, 3] });
    expect(stage(experiment)).toMatchObject({ optimizer: { betas: [0.1, 0.5] }, note: 'a=b' });
  });
});

describe('environment variables', () => {
  const iterations = (text: string, env: NodeJS.ProcessEnv = {}) =>
    withOptions(stage(over(`stages: {first: {iterations: "${text}"}}`, { env })))['iterations'];

  test('are read as the type that the schema wants', () => {
    expect(iterations('${env:N}', { N: '12' })).toBe(12);
    expect(iterations('${env:N:-7}')).toBe(7);
    expect(iterations('${env:N:-7}', { N: '' })).toBe(7);
    expect(iterations('1${env:N:-00}')).toBe(100);
    const env = { FLIP: 'false', BLOCKS: '[3, 4]', LOSS: '{type: charbonnier}' };
    const experiment = over(
      'stages: {first: {flip: "${env:FLIP}", loss: "${env:LOSS}"}}\nnetworks: {nafnet: {blocks: "${env:BLOCKS}"}}',
      { env },
    );
    expect(stage(experiment)).toMatchObject({ flip: false, loss: { type: 'charbonnier', epsilon: 1e-3 } });
    expect(experiment.entry('networks', 'nafnet')).toMatchObject({ blocks: [3, 4] });
  });

  test('empty is absent', () => {
    const tracking = 'tracking: {type: mlflow, uri: "${env:URI:-}"}';
    expect(over(tracking).config.tracking).toEqual({ type: 'mlflow', experiment: 'all' });
    expect(over(tracking, { env: { URI: '' } }).config.tracking).toEqual({ type: 'mlflow', experiment: 'all' });
    expect(over(tracking, { env: { URI: 'http://localhost:5000' } }).config.tracking).toMatchObject({
      uri: 'http://localhost:5000',
    });
    expect(over('tracking: {type: mlflow, uri: "${env:URI:-http://a:5000/x}"}').config.tracking).toMatchObject({
      uri: 'http://a:5000/x',
    });
  });

  test('an unset one does not matter where something else replaces it', () => {
    const cwd = folderWith({
      'a.yaml': 'extends: b.yaml\nstages: {first: {iterations: 3}}\n',
      'b.yaml': VALID.replace('iterations: 10', 'iterations: "${env:UNSET}"'),
    });
    expect(stage(loadExperiment('a.yaml', { cwd, env: {} }))).toMatchObject({ iterations: 3 });
  });

  test('two dollars are one', () => {
    expect(stage(over('stages: {first: {note: "$${env:HOME}"}}'))).toMatchObject({ note: '${env:HOME}' });
  });
});

describe('paths', () => {
  const cwd = folderWith({ 'sub/a.yaml': VALID });
  const root = (text: string, given: Given = {}) => {
    writeFileSync(join(cwd, 'sub/b.yaml'), `extends: a.yaml\ndata: {test: {root: "${text}"}}\n`);
    const experiment = loadExperiment('sub/b.yaml', { cwd, env: {}, ...given });
    return withOptions(experiment.entry('data', 'test'))['root'];
  };

  test.each([
    ['in a file: relative to it', 'x', {}, join(cwd, 'sub/x')],
    ['absolute', '/x', {}, '/x'],
    ['of the home folder', '~/x', {}, join(homedir(), 'x')],
    ['from a variable: relative to the working directory', '${env:ROOT}/x', { env: { ROOT: 'y' } }, join(cwd, 'y/x')],
    ['from its default: relative to the file', '${env:ROOT:-../y}/x', {}, join(cwd, 'y/x')],
    ['from --set: relative to the working directory', 'x', { set: ['data.test.root=z'] }, join(cwd, 'z')],
  ] as const)('%s', (_name, text, given, expected) => {
    expect(root(text, given as Given)).toBe(expected);
  });

  test('an inherited one stays relative to the file that has it', () => {
    const folder = folderWith({ 'x/b.yaml': 'extends: ../y/a.yaml\ndata: {test: {size: 32}}\n', 'y/a.yaml': VALID });
    const experiment = loadExperiment('x/b.yaml', { cwd: folder });
    expect(experiment.entry('data', 'test')).toMatchObject({ root: join(folder, 'y/images/test'), size: 32 });
  });
});

describe('identity', () => {
  const base = load(VALID);
  const changed = (from: string | RegExp, to: string) => load(VALID.replaceAll(from, to));
  // Paths are part of what a data set is; both experiments must mean the same folders.
  const fixed = (text: string) => load(text.replaceAll('images/', '/images/'));
  const first = (experiment: Experiment, name = 'first') => experiment.identity('stages', name);

  test('does not depend on names', () => {
    const renamed = VALID.replaceAll('first', 'uno')
      .replaceAll('nafnet', 'net')
      .replaceAll('type: net', 'type: nafnet');
    const other = fixed(
      renamed
        .replaceAll('train:', 'pictures:')
        .replaceAll(' train', ' pictures')
        .replaceAll('blur', 'shake')
        .replaceAll('motion-shake', 'motion-blur'),
    );
    expect(first(other, 'uno')).toBe(first(fixed(VALID)));
    expect(first(other, 'second')).toBe(first(fixed(VALID), 'second'));
  });

  test.each([
    ['own option', 'network: nafnet, data: train, iterations: 10', 'network: nafnet, data: train, iterations: 11'],
    ['network', 'blocks: [1, 2]', 'blocks: [1, 3]'],
    ['data', 'images/train, size: 64', 'images/train, size: 32'],
    ['degradation of the data', 'camera-shake', 'camera-shake, count: 3'],
    ['seed', 'seed: 0', 'seed: 1'],
    ['device that degrades', 'seed: 0', 'seed: 0\nruntime: {degrade: device}'],
    ['default of a nested component', 'data: train, iterations', 'data: train, loss: {type: charbonnier}, iterations'],
  ])('depends on the %s, and so do the stages after it', (_name, from, to) => {
    const other = fixed(VALID.replaceAll(from, to));
    expect(first(other)).not.toBe(first(fixed(VALID)));
    expect(first(other, 'second')).not.toBe(first(fixed(VALID), 'second'));
    expect(other.hash).not.toBe(fixed(VALID).hash);
  });

  test.each([
    ['an option that changes no result', 'iterations: 10}', 'iterations: 10, logEvery: 3}'],
    ['what the default says anyway', 'iterations: 10}', 'iterations: 10, flip: true}'],
    ['tracking', 'seed: 0', 'seed: 0\ntracking: {type: mlflow}'],
    ['the device', 'seed: 0', 'seed: 0\nruntime: {device: cpu}'],
    ['what degrades by default', 'seed: 0', 'seed: 0\nruntime: {degrade: host}'],
    ['eager steps', 'seed: 0', 'seed: 0\nruntime: {compile: false}'],
    ['how blocks are compiled', 'seed: 0', 'seed: 0\nruntime: {recompute: true, xla: true}'],
    ['the store', 'seed: 0', 'seed: 0\nstore: x'],
    ['the name', 'name: valid', 'name: other'],
    ['how many samples are saved', 'data: test}', 'data: test, images: 3, batch: 2}'],
  ])('does not depend on %s, nor does the hash', (_name, from, to) => {
    const other = fixed(VALID.replaceAll(from, to));
    expect(first(other)).toBe(first(fixed(VALID)));
    expect(other.hash).toBe(fixed(VALID).hash);
  });

  test('does not depend on the evaluation; the hash does', () => {
    const other = fixed(VALID.replace('evaluation: {data: test}', 'evaluation: {data: validation}'));
    expect(first(other)).toBe(first(fixed(VALID)));
    expect(other.hash).not.toBe(fixed(VALID).hash);
  });

  test('of a trained network is another than of its initial weights', () => {
    const other = changed('network: first.nafnet', 'network: nafnet');
    expect(first(other, 'second')).toBe(first(other));
    expect(first(base, 'second')).not.toBe(first(base));
  });

  test('is 16 hex digits, the hash 12', () => {
    expect(first(base)).toMatch(/^[0-9a-f]{16}$/);
    expect(base.hash).toMatch(/^[0-9a-f]{12}$/);
  });
});

test('references and roles', () => {
  const experiment = load(VALID);
  expect(experiment.references('stages', 'second')).toEqual([
    { section: 'stages', name: 'first', text: 'first.nafnet' },
    { section: 'data', name: 'train', text: 'train' },
  ]);
  expect(experiment.references('data', 'validation')).toEqual([{ section: 'data', name: 'train', text: 'train' }]);
  expect([...experiment.networkRoles('methods', 'NAFNet')]).toEqual([['network', 'second.nafnet']]);
  expect(experiment.place(experiment.entry('networks', 'hinet'))).toBe('a.yaml:11:17');
});

describe('toYaml', () => {
  test('reads the same again, also from elsewhere and without the environment', () => {
    const text =
      'stages: {first: {note: "$${env:X} 1_000: \\"q\\"", iterations: "${env:N}"}}\ntracking: {type: mlflow}\nstore: s';
    const experiment = over(text, { env: { N: '3' } });
    const again = load(experiment.toYaml());
    expect(again.config).toEqual(experiment.config);
    expect(again.hash).toBe(experiment.hash);
    expect(again.toYaml()).toBe(experiment.toYaml());
  });

  test('is written for users', () => {
    expect(load(VALID).toYaml()).toContain(
      'networks:\n  nafnet:\n    type: nafnet\n    width: 32\n    blocks: [ 1, 2 ]\n',
    );
  });
});

describe('laws', () => {
  const settings = fc.record(
    {
      seed: fc.nat(),
      networks: fc.dictionary(
        fc.constantFrom('nafnet', 'net_2', 'a-b'),
        fc.oneof(
          fc.record({ type: fc.constant('nafnet'), width: fc.integer({ min: 1, max: 99 }) }),
          fc.record({ type: fc.constant('hinet'), depth: fc.integer({ min: 1 }) }),
        ),
      ),
      stages: fc.record({
        first: fc.record(
          {
            iterations: fc.integer({ min: 1 }),
            note: fc.oneof(
              fc.string({ unit: 'grapheme' }),
              fc.constantFrom('${env:X}', '$${env:X}', '${env:', '1_0', 'null', '- a: b', ' x '),
            ),
            clip: fc.oneof(fc.constant('auto'), fc.double({ min: 1e-9, max: 1e9, noNaN: true })),
            optimizer: fc.record({ learningRate: fc.double({ min: 1e-12, max: 1, noNaN: true }) }),
          },
          { requiredKeys: [] },
        ),
      }),
    },
    { requiredKeys: [] },
  );
  const cwd = folderWith({ 'base.yaml': VALID });
  const write = (name: string, value: unknown) => writeFileSync(join(cwd, name), stringify(value));
  const read = (name: string) => loadExperiment(name, { cwd, env: {} });
  const laid = (value: object) => {
    const escaped = JSON.parse(escapeEnvironment(JSON.stringify(value))) as object;
    write('over.yaml', { extends: 'base.yaml', ...escaped });
    return read('over.yaml');
  };

  test('extending and changing nothing is the same experiment', () => {
    fc.assert(
      fc.property(settings, (value) => {
        const experiment = laid(value);
        write('same.yaml', { extends: 'over.yaml' });
        expect(read('same.yaml').config).toEqual(experiment.config);
        write('twice.yaml', { extends: ['over.yaml', 'over.yaml'] });
        expect(read('twice.yaml').config).toEqual(experiment.config);
      }),
      { numRuns: 30 },
    );
  });

  test('identity and hash do not depend on the order of keys', () => {
    fc.assert(
      fc.property(settings, (value) => {
        const experiment = laid(value);
        write('reversed.yaml', reversed(parse(experiment.toYaml().replace(/^#.*\n/, ''))));
        const other = read('reversed.yaml');
        expect(other.hash).toBe(experiment.hash);
        expect(other.identity('stages', 'second')).toBe(experiment.identity('stages', 'second'));
      }),
      { numRuns: 30 },
    );
  });

  test('toYaml keeps everything', () => {
    fc.assert(
      fc.property(settings, (value) => {
        const experiment = laid(value);
        writeFileSync(join(cwd, 'again.yaml'), experiment.toYaml());
        expect(read('again.yaml').config).toEqual(experiment.config);
        expect(read('again.yaml').hash).toBe(experiment.hash);
      }),
      { numRuns: 30 },
    );
  });

  test('later files win over earlier ones, key by key', () => {
    fc.assert(
      fc.property(settings, settings, (a, b) => {
        write('one.yaml', { seed: 5, ...pick(a) });
        write('two.yaml', pick(b));
        write('both.yaml', { extends: ['base.yaml', 'one.yaml', 'two.yaml'] });
        expect(read('both.yaml').seed).toBe(pick(b).seed ?? pick(a).seed ?? 5);
      }),
      { numRuns: 30 },
    );
  });

  test('whatever stands in for a value, it loads or the error is a message', () => {
    const valid = parse(VALID) as object;
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        'first.nafnet',
        'train',
        '${env:X}',
        '${env:X:-}',
        '${env:X:-[1]}',
        { type: 'psnr' },
        { type: null },
        '__proto__',
      ),
      fc.constantFrom(
        { type: 'folder' },
        JSON.parse('{"__proto__": {"type": "hinet", "depth": 1}}') as unknown,
        'toString',
        {},
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 3 }), (changes) => {
        const value = changes.reduce<unknown>((before, [at, what]) => replaced(before, at, what), valid);
        writeFileSync(join(cwd, 'odd.yaml'), stringify(value));
        let experiment;
        try {
          experiment = read('odd.yaml');
        } catch (error) {
          if (error instanceof ConfigError) return;
          throw error;
        }
        writeFileSync(join(cwd, 'again.yaml'), experiment.toYaml());
        expect(read('again.yaml').hash).toBe(experiment.hash);
        for (const name of experiment.entries('stages').keys()) experiment.identity('stages', name);
      }),
      { numRuns: 100 },
    );
  });

  test('whatever the text, the error is a message', () => {
    const pieces = fc.array(
      fc.constantFrom(...'abc:{}[]-*&<!|>"\'%@`,#?~ \n\t', '${env:', 'stages', ': ', '\n  ', 'type', 'null', '0'),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        writeFileSync(join(cwd, 'noise.yaml'), parts.join(''));
        expect(() => read('noise.yaml')).toThrow(ConfigError);
      }),
      { numRuns: 100 },
    );
  });
});

function pick({ seed }: { seed?: number }): { seed?: number } {
  return seed === undefined ? {} : { seed };
}

function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, reversed(item)]));
}

/** The value with one of its parts, the nth of all, replaced. */
function replaced(value: unknown, nth: number, by: unknown): unknown {
  let left = nth % parts(value);
  const visit = (part: unknown): unknown => {
    if (left-- === 0) return by;
    if (Array.isArray(part)) return part.map(visit);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, visit(item)]));
  };
  return visit(value);
}

function parts(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + parts(item), 1);
}
