import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Container } from '../container/container.ts';
import { catalogue } from '../component/catalogue.ts';
import type { Experiment } from './experiment.ts';
import { loadExperiment } from './load.ts';
import { ConfigError } from './findings.ts';
import { VALID, type Fake } from './testing/fake-components.ts';
import { folderWith } from './testing/files.ts';
import { withOptions } from '../component/spec.ts';

const OTHER = '  third: {type: regression, network: odd, data: train, iterations: 10}';

let folder: string;

beforeEach(() => {
  folder = folderWith({ 'w.pth': 'one', 'copy.safetensors': 'one', 'sub/w.pth': 'two' });
});

/** VALID with a network `odd` that begins with these weights (a map as YAML has it), and a stage that trains it. */
function beginning(weights?: string, env: NodeJS.ProcessEnv = {}): Experiment {
  const written = weights?.startsWith('{') ? weights : `"${weights!}"`;
  const odd = `  odd: {type: odd, width: 2${weights === undefined ? '' : `, weights: ${written}`}}`;
  const text = VALID.replace('stages:', () => `${odd}\nstages:\n${OTHER}`);
  writeFileSync(join(folder, 'sub', 'a.yaml'), text);
  return loadExperiment('sub/a.yaml', { cwd: folder, env });
}

const weightsOf = (experiment: Experiment) => withOptions(experiment.entry('networks', 'odd'))['weights'];
const identity = (experiment: Experiment) => experiment.identity('stages', 'third');

describe('weights of a network', () => {
  test.each([
    ['beside the experiment', 'w.pth', {}, 'sub/w.pth'],
    ['elsewhere', '../w.pth', {}, 'w.pth'],
    ['from the environment, from the working directory', '${env:W}', { W: 'w.pth' }, 'w.pth'],
  ])('are a file %s', (_, text, env, expected) => {
    expect(weightsOf(beginning(text, env))).toBe(join(folder, expected));
  });

  test('are absent where the environment says nothing', () => {
    expect(weightsOf(beginning('${env:W:-}'))).toBeUndefined();
  });

  test('count by the content of the file, not by its name', () => {
    const [one, copy, two] = ['../w.pth', '../copy.safetensors', 'w.pth'].map((file) => identity(beginning(file)));
    expect(copy).toBe(one);
    expect(new Set([one, two, identity(beginning())]).size).toBe(3);
    writeFileSync(join(folder, 'w.pth'), 'new');
    utimesSync(join(folder, 'w.pth'), 1, 1);
    expect(identity(beginning('../w.pth'))).not.toBe(one);
  });

  test.each([
    ['beside the experiment', '{file: w.pth, part: a}', {}, 'sub/w.pth'],
    ['elsewhere', '{file: ../w.pth, part: a}', {}, 'w.pth'],
    ['from the environment', '{file: "${env:W}", part: a}', { W: 'w.pth' }, 'w.pth'],
  ])('may be a part of a file %s', (_, text, env, expected) => {
    expect(weightsOf(beginning(text, env))).toEqual({ file: join(folder, expected), part: 'a' });
  });

  test('count by their part too, where one is given', () => {
    const [whole, alone, one, copy, other] = [
      '../w.pth',
      '{file: ../w.pth}',
      '{file: ../w.pth, part: a}',
      '{file: ../copy.safetensors, part: a}',
      '{file: ../w.pth, part: b}',
    ].map((file) => identity(beginning(file)));
    expect([alone, copy]).toEqual([whole, one]);
    expect(new Set([whole, one, other]).size).toBe(3);
  });

  test('a text that looks like a variable is not filled in twice', () => {
    expect(weightsOf(beginning('a/$${env:W}.pth', { W: 'no' }))).toBe(join(folder, 'sub/a/${env:W}.pth'));
  });

  test('may be what a stage left, which then comes first and is part of the identity', () => {
    const experiment = beginning('second.nafnet');
    expect(weightsOf(experiment)).toBe('second.nafnet');
    expect(experiment.stagesBefore('stages', 'third')).toEqual(['second']);
    expect(experiment.stagesBefore('stages', 'first')).toEqual([]);
    expect(identity(experiment)).not.toBe(identity(beginning('first.nafnet')));
    expect(identity(experiment)).not.toBe(identity(beginning()));
  });

  test('are not given to the constructor', () => {
    const experiment = beginning('first.nafnet');
    const network = new Container(experiment).create<Fake>('network', experiment.entry('networks', 'odd'));
    expect(network.options).toEqual({ width: 2 });
  });

  test('stand among the options of every network', () => {
    expect(catalogue.find('network', 'odd')!.declaration.options.properties).toHaveProperty('weights');
  });

  test.each([
    ['a file that is not there', 'no.pth', /Cannot read .*no\.pth: there is no such file/],
    ['a folder', '../sub', /sub.*is a folder/],
  ])('%s is an error when it is looked at', (_, file, message) => {
    expect(() => identity(beginning(file))).toThrow(message);
  });

  test.each([
    [
      'what is neither a file nor an entry',
      'known',
      /there is no "known" in networks[^]*allowed: a file \(\.safetensors/,
    ],
    ['a stage that is not there', 'fist.nafnet', /there is no stage "fist"/],
    ['a stage that needs the network itself', 'third.odd', /in a circle: networks.odd → stages.third → networks.odd/],
    ['itself', 'odd', /networks.odd refers to itself/],
    ['a part of nothing', '{part: a}', /"file" is missing/],
    ['a map of other options', '{file: w.pth, parts: a}', /no option "parts"[^]*did you mean "part"/],
    ['a part without a name', '{file: w.pth, part: ""}', /weights\.part/],
  ])('%s is an error with its place', (_, text, message) => {
    const load = () => beginning(text);
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(message);
    expect(load).toThrow(/a\.yaml:\d+:\d+/);
  });
});
