import { describe, expect, test } from '@jest/globals';
import type { Experiment } from './experiment.ts';
import { ConfigError } from './findings.ts';
import { hashOf } from './identity.ts';
import { loadExperiment } from './load.ts';
import { EXPERIMENT } from './schema.ts';
import { publishedWeights } from '../component/published-weights.ts';
import { VALID } from './testing/fake-components.ts';
import { folderWith } from './testing/files.ts';

const TEXT = VALID.replaceAll('root: images', 'root: /images');
const load = (text: string, cwd = folderWith({ 'a.yaml': text })): Experiment =>
  loadExperiment('a.yaml', { cwd, env: {} });
const problemsOf = (text: string) => {
  const messages: string[] = [];
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    messages.push(...error.problems.map(({ line, message }) => `${line}: ${message}`));
  }
  return messages;
};

describe('an experiment', () => {
  const experiment = load(TEXT);

  test('knows the components that an entry is made of, those of the networks it takes from stages, and no stages', () => {
    expect([...experiment.componentsOf('stages', 'second').keys()].sort()).toEqual([
      'dataset folder',
      'degradation motion-blur',
      'kernels camera-shake',
      'loss psnr',
      'network nafnet',
      'optimizer adam',
      'schedule constant',
      'stage regression',
    ]);
    expect(experiment.componentsOf('networks', 'hinet').get('network hinet')!.declaration.type).toBe('hinet');
  });

  test('knows the stages before an entry, and those behind these', () => {
    expect(experiment.stagesBefore('methods', 'NAFNet')).toEqual(['second']);
    expect([...experiment.stagesBehind('methods', 'NAFNet')]).toEqual(['second', 'first']);
    expect([...experiment.stagesBehind('stages', 'first')]).toEqual([]);
    expect(experiment.stagesBefore('data', 'validation')).toEqual([]);
  });

  test('has no entries but those of the file', () => {
    expect(() => experiment.entry('networks', 'toString')).toThrow('The experiment has no "toString" in networks.');
    expect(() => experiment.entry('stages', 'third')).toThrow('The experiment has no "third" in stages.');
  });

  test('shows where a component, and each of its options, was written', () => {
    const first = experiment.entry('stages', 'first');
    const column = (option?: string) =>
      experiment.origin(first, option)!.source.position(experiment.origin(first, option)!.start).column;
    expect(experiment.place(first)).toBe('a.yaml:13:17');
    expect([column(), column('iterations'), column('flip')]).toEqual([17, 71, 17]);
    expect(experiment.place({ type: 'regression' })).toBeUndefined();
    const reseeded = experiment.with({ stageSeeds: { first: 3 } });
    expect(reseeded.place(reseeded.entry('stages', 'first'))).toBe('a.yaml:13:17');
    expect(reseeded.entry('stages', 'second')).toBe(experiment.entry('stages', 'second'));
  });

  test('with other seeds is another one; with its own it is the same', () => {
    expect(experiment.with({ stageSeeds: { first: 0 } }).hash).not.toBe(
      experiment.with({ stageSeeds: { first: 1 } }).hash,
    );
    expect(experiment.with({ seed: 1 }).hash).not.toBe(experiment.hash);
    const renamed = experiment.with({ name: 'other' });
    expect([renamed.name, renamed.seed, renamed.hash]).toEqual(['other', 0, experiment.hash]);
    expect(experiment.forStage('first')).toBe(experiment);
  });

  test('has the hash of what stands in it, where no stage has a seed of its own', () => {
    const { tracking, ...config } = experiment.config;
    expect(tracking).toBeNull();
    expect(experiment.hash).toBe(hashOf(EXPERIMENT, config));
  });

  test('is written as a file that says what it is, without sections that are empty', () => {
    const lines = load(TEXT.replace(/degradations:[^]*?data:/, 'data:').replaceAll(', degradation: blur', ''))
      .toYaml()
      .split('\n');
    expect(lines[0]).toBe('# All defaults and paths filled in; runs again as it is.');
    const keys = lines.map((line) => /^(\w+):/.exec(line)?.[1]).filter((key) => key !== undefined);
    expect(keys).toEqual([
      'name',
      'seed',
      'runtime',
      'data',
      'networks',
      'stages',
      'methods',
      'metrics',
      'evaluation',
      'tracking',
    ]);
    expect(experiment.toYaml('/store')).toContain('\nstore: /store\n');
    expect(experiment.toYaml()).not.toContain('store');
  });
});

describe('a file that asks for too little', () => {
  const data = 'data: {test: {type: folder, root: /x, size: 8}}\n';

  test.each([
    ['name: x', ['null: there is nothing to do: no stages, no methods and no evaluation']],
    [data, ['null: there is nothing to do: no stages, no methods and no evaluation']],
    [`${data}evaluation: {data: test}`, ['2: there is an evaluation, but no metrics']],
    [`${data}evaluation: {data: test}\nmetrics: {psnr: {type: psnr}}`, []],
    [
      `${data}networks: {n: {type: nafnet}}\nmethods: {m: {type: regression, network: n}}`,
      ['3: there are methods, but no evaluation'],
    ],
    [
      `${data}networks: {n: {type: nafnet}}\nstages: {s: {type: regression, network: n, data: test, iterations: 1}}`,
      [],
    ],
  ])('%j', (text, problems) => {
    expect(problemsOf(text).map((problem) => problem.replace(/ \(.*/, ''))).toEqual(problems);
  });
});

test('a network cannot have the name of published weights; other entries may', () => {
  publishedWeights.add({ name: 'vgg', file: 'vgg.pth', description: '', page: '', licence: '' });
  expect(problemsOf(TEXT.replace('  hinet:', '  vgg:'))).toEqual([
    '11: networks: "vgg" is the name of published weights',
  ]);
  expect(problemsOf(TEXT.replace('  psnr: {', '  vgg: {'))).toEqual([]);
});

test.each([
  ['3', 'a single value'],
  ['[3]', 'a list'],
])('a section that is %s is %s', (text, found) => {
  const error = () => load(TEXT.replace(/metrics:\n.*/, `metrics: ${text}`));
  expect(error).toThrow(`metrics is a map of names to components`);
  expect(error).toThrow(`found: ${found}\n`);
  expect(error).toThrow('allowed: lines like "my-metric: {type: ...}"');
});

test('names of digits and points are for rows only, and "input" for other entries', () => {
  const bad = (text: string) => problemsOf(`${TEXT}\n`.replace('metrics:\n', text)).join();
  expect(
    bad('  NAFNet-1.5: {type: regression, network: nafnet}\nmetrics:\n  p.1: {type: psnr}\n  input: {type: psnr}\n'),
  ).toBe('');
  expect(bad('  1.5.x: {type: regression, network: nafnet}\nmetrics:\n')).toBe('');
  expect(bad('  "12": {type: regression, network: nafnet}\nmetrics:\n')).toContain('methods: "12" cannot be a name');
});

test('files that begin with a byte order mark, and lists of files of which some are not there', () => {
  expect(load(`\uFEFF${TEXT}`).name).toBe('valid');
  const note = TEXT.replace('iterations: 10', 'iterations: 10, note: "a\uFEFFb"');
  expect(load(note).entry('stages', 'first')).toMatchObject({ note: 'a\uFEFFb' });
  expect(
    load('extends: [a.yaml]', folderWith({ 'a.yaml': 'extends: ["${env:NO:-b.yaml}"]', 'b.yaml': TEXT })).name,
  ).toBe('valid');
  expect(problemsOf('extends: sub/b.yaml')).toEqual([
    expect.stringMatching(/^1: there is no file sub\/b\.yaml \(there is no folder sub either\)$/),
  ]);
  const near = folderWith({ 'a.yaml': 'extends: bse.yaml', 'base.yml': TEXT });
  expect(() => load('', near)).toThrow('did you mean "base.yml"?');
  expect(problemsOf(`extends: [none.yaml, 3]\n${TEXT}`)).toEqual([
    '1: there is no file none.yaml (it holds a.yaml)',
    '1: extends is not a file name',
  ]);
});
