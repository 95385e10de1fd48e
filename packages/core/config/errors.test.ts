import { spawnSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UserError } from '../errors/user-error.ts';
import { loadExperiment } from './load.ts';
import { ConfigError } from './findings.ts';
import { Source } from './source.ts';
import { VALID } from './testing/fake-components.ts';
import { folderWith } from './testing/files.ts';

/** The error of an experiment: `a.yaml` of the files, from their folder. */
function errorOf(files: Record<string, string>, set: string[] = [], env: NodeJS.ProcessEnv = {}): ConfigError {
  try {
    loadExperiment('a.yaml', { cwd: folderWith(files), set, env });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('No error.');
}

/** A file that extends VALID; the text begins with line 2. */
const above = (text: string) => ({
  'a.yaml': `extends: base.yaml\n${text}\n`,
  'base.yaml': VALID,
});

interface Case {
  readonly name: string;
  readonly text: string;
  readonly at: string;
  readonly message: string;
  readonly found?: string;
  readonly allowed?: string;
}

/** The text extends VALID, beginning with line 2. */
const CASES: Case[] = [
  {
    name: 'unknown key',
    text: 'nmae: x',
    at: '2:1',
    message: 'no key "nmae" (did you mean "name"?)',
    allowed: 'extends, name, seed',
  },
  {
    name: 'option of entries at the top level',
    text: 'iterations: 5',
    at: '2:1',
    message: 'no key "iterations" (did you mean stages.first.iterations or stages.second.iterations?)',
    allowed: 'extends, name, seed',
  },
  {
    name: 'misspelt entry of an override',
    text: 'stages: {frist: {iterations: 5}}',
    at: '2:10',
    message: 'stages.frist has no type: which stage? (did you mean "first"?)',
  },
  {
    name: 'abbreviated option',
    text: 'stages: {first: {optimizer: {lr: 1}}}',
    at: '2:30',
    message: 'has no option "lr" (did you mean "learningRate"?)',
  },
  {
    name: 'option that stands deeper',
    text: 'stages: {first: {lr: 1}}',
    at: '2:18',
    message: 'has no option "lr" (did you mean "optimizer.learningRate"?)',
  },
  {
    name: 'number for a map',
    text: 'stages: {first: {batch: 8}}',
    at: '2:25',
    message: 'stages.first.batch has the wrong type (write {size: 8})',
    found: '8',
  },
  {
    name: 'number that is a text as it is written',
    text: 'stages: {first: {note: 007}}',
    at: '2:24',
    message: '(in quotes it is a string: "007")',
  },
  {
    name: 'no-break space in a key',
    text: 'stages: {first: {iterations:\u00a05}}',
    at: '2:18',
    message: 'it holds a no-break space (U+00A0)',
  },
  {
    name: 'no-break space before a key',
    text: 'stages:\n  first:\n    \u00a0iterations: 5',
    at: '4:5',
    message: 'it holds a no-break space (U+00A0)',
  },
  {
    name: 'no-break space in a number',
    text: 'stages: {first: {iterations: 5\u00a0}}',
    at: '2:30',
    message: 'it holds a no-break space (U+00A0)',
  },
  {
    name: 'variable as the default of a variable',
    text: 'stages: {first: {note: "${env:A:-${env:B:-1}}"}}',
    at: '2:25',
    message: 'the default of an environment variable cannot hold another one',
  },
  {
    name: 'section is a list',
    text: 'networks: [1]',
    at: '2:11',
    message: 'networks is a map',
    found: 'a list',
  },
  {
    name: 'unknown type',
    text: 'networks: {x: {type: nafnt}}',
    at: '2:22',
    message: 'networks.x.type: there is no network of this type (did you mean "nafnet"?)',
    found: '"nafnt"',
    allowed: 'hinet, nafnet, odd',
  },
  {
    name: 'unknown type, nothing near',
    text: 'networks: {x: {type: transformer}}',
    at: '2:22',
    message: 'no network of this type',
    allowed: 'hinet, nafnet, odd',
  },
  {
    name: 'type of another kind',
    text: 'networks: {x: {type: mlflow}}',
    at: '2:22',
    message: '(mlflow is a tracker, not a network)',
  },
  {
    name: 'no type',
    text: 'networks: {x: {width: 3}}',
    at: '2:12',
    message: 'networks.x has no type: which network?',
    allowed: 'type: hinet, nafnet, odd',
  },
  {
    name: 'component as text',
    text: 'stages: {first: {loss: psnr}}',
    at: '2:24',
    message: 'stages.first.loss is not a loss (write {type: psnr})',
  },
  {
    name: 'tracker as text',
    text: 'tracking: mlflow',
    at: '2:11',
    message: 'tracking has the wrong type (write {type: mlflow})',
    allowed: 'a tracker {type: ..., options}, or a list of one or more tracker components {type: ..., options}',
  },
  {
    name: 'no tracker in the list',
    text: 'tracking: []',
    at: '2:11',
    message: 'tracking',
    found: '[]',
  },
  {
    name: 'two trackers of a type',
    text: 'tracking: [{type: mlflow}, {type: files}, {type: mlflow}]',
    at: '2:50',
    message: 'tracking[2].type: there is a tracker of this type already',
    found: 'mlflow',
    allowed: 'one tracker of each type',
  },
  {
    name: 'option of a tracker in a list',
    text: 'tracking: [{type: files}, {type: mlflow, url: x}]',
    at: '2:42',
    message: 'tracking[1]: tracker mlflow has no option "url" (did you mean "uri"?)',
  },
  {
    name: 'component as list',
    text: 'stages: {first: {loss: [{type: psnr}]}}',
    at: '2:24',
    message: 'only one loss can stand here',
  },
  {
    name: 'unknown option',
    text: 'networks: {x: {type: nafnet, widht: 8}}',
    at: '2:30',
    message: 'network nafnet has no option "widht" (did you mean "width"?)',
    found: 'widht',
    allowed: 'width, blocks',
  },
  {
    name: 'unknown option of a map',
    text: 'stages: {first: {batch: {szie: 8}}}',
    at: '2:26',
    message: 'stages.first.batch has no option "szie" (did you mean "size"?)',
    allowed: 'size',
  },
  {
    name: 'unknown option set to null',
    text: 'networks: {nafnet: {wdth: null}}',
    at: '2:21',
    message: 'no option "wdth"',
  },
  {
    name: 'option of the merged type',
    text: 'networks: {nafnet: {depth: 3}}',
    at: '2:21',
    message: 'network nafnet has no option "depth"',
  },
  {
    name: 'missing option',
    text: 'networks: {x: {type: hinet}}',
    at: '2:22',
    message: 'networks.x: "depth" is missing (depth: levels)',
    allowed: 'an integer of at least 1',
  },
  {
    name: 'missing after null',
    text: 'networks: {hinet: {depth: null}}',
    at: 'base.yaml:11:17',
    message: '"depth" is missing',
  },
  {
    name: 'missing in a changed type',
    text: 'data: {train: {type: held-out}}',
    at: '2:22',
    message: 'data.train: "of" is missing',
  },
  {
    name: 'wrong type',
    text: 'stages: {first: {iterations: many}}',
    at: '2:30',
    message: 'stages.first.iterations has the wrong type',
    found: '"many"',
    allowed: 'an integer of at least 1',
  },
  {
    name: 'number in quotes',
    text: 'stages: {first: {iterations: "8"}}',
    at: '2:30',
    message: '(without quotes it is a number)',
    found: '"8"',
  },
  {
    name: 'fraction for an integer',
    text: 'stages: {first: {iterations: 8.5}}',
    at: '2:30',
    message: 'has the wrong type',
    found: '8.5',
  },
  {
    name: 'not a number',
    text: 'stages: {first: {iterations: .nan}}',
    at: '2:30',
    message: 'has the wrong type',
    found: 'NaN',
  },
  {
    name: 'infinite',
    text: 'stages: {first: {optimizer: {learningRate: .inf}}}',
    at: '2:44',
    message: 'has the wrong type',
    found: 'Infinity',
  },
  {
    name: 'inexact integer',
    text: 'seed: 99999999999999999999',
    at: '2:7',
    message: 'seed is too large to be exact',
  },
  {
    name: 'decimal comma',
    text: 'stages: {first: {optimizer: {learningRate: "0,1"}}}',
    at: '2:44',
    message: 'the decimal sign is a point',
  },
  {
    name: 'yes',
    text: 'stages: {first: {flip: yes}}',
    at: '2:24',
    message: '(YAML 1.2 writes true)',
    found: '"yes"',
    allowed: 'true or false',
  },
  {
    name: 'number for a text',
    text: 'stages: {first: {note: 2024}}',
    at: '2:24',
    message: '(in quotes it is a string: "2024")',
    found: '2024',
  },
  {
    name: 'scalar for a list',
    text: 'networks: {nafnet: {blocks: 3}}',
    at: '2:29',
    message: '(a list is written [3])',
    allowed: 'a list of one or more integers of at least 0',
  },
  {
    name: 'list for a map',
    text: 'stages: {first: {batch: [8]}}',
    at: '2:25',
    message: 'stages.first.batch has the wrong type',
    found: '[8]',
    allowed: 'a map of size',
  },
  {
    name: 'item of a list',
    text: 'networks: {nafnet: {blocks: [1, x]}}',
    at: '2:33',
    message: 'networks.nafnet.blocks[1] has the wrong type',
    found: '"x"',
  },
  {
    name: 'empty item',
    text: 'networks: {nafnet: {blocks: [1, null]}}',
    at: '2:33',
    message: 'blocks[1] has the wrong type',
    found: 'nothing',
  },
  {
    name: 'too short a list',
    text: 'networks: {nafnet: {blocks: []}}',
    at: '2:29',
    message: 'networks.nafnet.blocks has too few items',
    found: '[]',
  },
  {
    name: 'too long a tuple',
    text: 'stages: {first: {optimizer: {betas: [0, 0, 0]}}}',
    at: '2:37',
    message: 'betas has too many items',
  },
  {
    name: 'below the range',
    text: 'stages: {first: {iterations: -3}}',
    at: '2:30',
    message: 'stages.first.iterations is out of range',
    found: '-3',
    allowed: 'an integer of at least 1',
  },
  {
    name: 'at an open bound',
    text: 'stages: {first: {optimizer: {learningRate: 0}}}',
    at: '2:44',
    message: 'is out of range',
    allowed: 'a number above 0 and of at most 1',
  },
  {
    name: 'choice',
    text: 'stages: {first: {keep: bset}}',
    at: '2:24',
    message: 'stages.first.keep is none of its choices (did you mean "best"?)',
    found: '"bset"',
    allowed: 'best, last',
  },
  {
    name: 'union',
    text: 'stages: {first: {clip: [1]}}',
    at: '2:24',
    message: 'stages.first.clip has the wrong type',
    allowed: 'a number above 0, or "auto"',
  },
  {
    name: 'member of a union',
    text: 'stages: {first: {clip: -1}}',
    at: '2:24',
    message: 'stages.first.clip is out of range',
    found: '-1',
  },
  {
    name: 'nested component',
    text: 'stages: {first: {optimizer: {schedule: {type: cosin}}}}',
    at: '2:47',
    message: 'there is no schedule of this type (did you mean "cosine"?)',
  },
  {
    name: 'list of components',
    text: 'stages: {first: {losses: [{type: psnr}, {type: l1}]}}',
    at: '2:48',
    message: 'stages.first.losses[1].type: there is no loss of this type',
  },
  {
    name: 'reference to nothing',
    text: 'stages: {first: {data: trian}}',
    at: '2:24',
    message: 'stages.first.data: there is no "trian" in data (did you mean "train"?)',
    found: 'trian',
    allowed: 'train, validation, test',
  },
  {
    name: 'reference into another section',
    text: 'stages: {first: {data: blur}}',
    at: '2:24',
    message: '("blur" is an entry of degradations)',
  },
  {
    name: 'reference written in place',
    text: 'stages: {first: {data: {type: folder}}}',
    at: '2:24',
    message: '(write it as an entry of data and give its name here)',
  },
  {
    name: 'reference to a list',
    text: 'stages: {first: {data: [train]}}',
    at: '2:24',
    message: 'stages.first.data is not a name',
  },
  {
    name: 'no such stage',
    text: 'methods: {NAFNet: {network: frist.nafnet}}',
    at: '2:29',
    message: 'there is no stage "frist" (did you mean "first.nafnet"?)',
    allowed: 'first, second',
  },
  {
    name: 'no such network in the stage',
    text: 'methods: {NAFNet: {network: first.hinet}}',
    at: '2:29',
    message: 'the stage "first" has no network "hinet"',
    allowed: 'first.nafnet',
  },
  {
    name: 'stage without network',
    text: 'methods: {NAFNet: {network: first}}',
    at: '2:29',
    message: '(first is a stage; its network is first.nafnet)',
  },
  {
    name: 'stages in a circle',
    text: 'stages: {first: {network: second.nafnet}}',
    at: 'base.yaml:14:39',
    message: 'these need each other in a circle: stages.first → stages.second → stages.first',
  },
  {
    name: 'held out of itself',
    text: 'data: {validation: {of: validation}}',
    at: '2:25',
    message: 'data.validation refers to itself',
  },
  {
    name: 'evaluation of nothing',
    text: 'evaluation: {data: tset}',
    at: '2:20',
    message: 'evaluation.data: there is no "tset" in data (did you mean "test"?)',
  },
  {
    name: 'evaluation without data',
    text: 'evaluation: {data: null}',
    at: '2:1',
    message: 'evaluation: "data" is missing',
  },
  {
    name: 'methods without evaluation',
    text: 'evaluation: null',
    at: 'base.yaml:15:1',
    message: 'there are methods, but no evaluation',
  },
  {
    name: 'methods with an evaluation that is an empty variable',
    text: "evaluation: '${env:NOT_SET_ANYWHERE:-}'",
    at: 'base.yaml:15:1',
    message: 'there are methods, but no evaluation',
  },
  {
    name: 'evaluation without metrics',
    text: 'metrics: null',
    at: 'base.yaml:19:1',
    message: 'there is an evaluation, but no metrics',
  },
  {
    name: 'name with a point',
    text: 'networks: {a.b: {type: nafnet}}',
    at: '2:12',
    message: '"a.b" cannot be a name',
  },
  { name: 'name of digits', text: 'metrics: {12: {type: psnr}}', at: '2:11', message: '"12" cannot be a name' },
  { name: 'prototype', text: 'metrics: {psnr: {__proto__: 1}}', at: '2:18', message: 'has no option "__proto__"' },
  { name: 'empty entry', text: 'metrics: {x: "${env:X:-}"}', at: '2:14', message: 'metrics.x is empty' },
  {
    name: 'name with a slash',
    text: 'methods: {a/b: {type: regression, network: nafnet}}',
    at: '2:11',
    message: '"a/b" cannot be a name',
  },
  {
    name: 'reserved name',
    text: 'methods: {input: {type: regression, network: nafnet}}',
    at: '2:11',
    message: 'a method cannot be called "input"',
  },
  {
    name: 'nothing to delete',
    text: 'stages: {scond: null}',
    at: '2:10',
    message: 'there is none to delete (did you mean "second"?)',
  },
  {
    name: 'name of the experiment',
    text: 'name: a/b',
    at: '2:7',
    message: 'name has an invalid format',
  },
  {
    name: 'device',
    text: 'runtime: {device: cup}',
    at: '2:19',
    message: 'runtime.device is none of its choices (did you mean "cpu"?)',
    allowed: 'auto, cpu, gpu',
  },
  {
    name: 'unset variable',
    text: 'stages: {first: {iterations: "${env:ITERATIONS}"}}',
    at: '2:31',
    message: 'the environment variable ITERATIONS is not set',
  },
  {
    name: 'default of the wrong type',
    text: 'stages: {first: {iterations: "${env:ITERATIONS:-many}"}}',
    at: '2:30',
    message: 'has the wrong type',
    found: '"many"',
  },
  {
    name: 'duplicate key',
    text: 'seed: 1\nseed: 2',
    at: '3:1',
    message: '"seed" is written twice here (the first is in line 2',
  },
  {
    name: 'tab',
    text: 'stages:\n\tfirst: {}',
    at: '3:1',
    message: 'a tab at 3:1; YAML indents with spaces',
  },
  {
    name: 'tab after spaces',
    text: 'stages:\n  first:\n  \tflip: true',
    at: '4:3',
    message: 'a tab at 4:3; YAML indents with spaces',
  },
  {
    name: 'not closed',
    text: 'stages: {first: {flip: true}',
    at: '3:1',
    message: 'a "{" is not closed with "}"',
  },
  {
    name: 'no space after a colon',
    text: 'seed:1\nname: x',
    at: '2:1',
    message: '(is a space missing after ":"?)',
  },
  {
    name: 'colon in a text',
    text: 'name: a: b',
    at: '2:7',
    message: '(a text that contains ": " must stand in quotes)',
  },
  {
    name: 'variable without quotes',
    text: 'runtime: {device: ${env:DEVICE}}',
    at: '2:20',
    message: '(inside { } and [ ], write "${env:NAME}" in quotes)',
  },
  {
    name: 'two documents',
    text: 'seed: 1\n---\nseed: 2',
    at: '3:1',
    message: 'an experiment is one document',
  },
  {
    name: 'unknown anchor',
    text: 'stages: *none',
    at: '2:9',
    message: '"*none" refers to no anchor above it (an anchor is written "&none")',
  },
  {
    name: 'alias of itself',
    text: 'stages: &s {first: *s}',
    at: '2:12',
    message: 'this value contains itself',
  },
  {
    name: 'merge of a scalar',
    text: 'stages: {first: {<<: 3}}',
    at: '2:18',
    message: '"<<" takes a map or a list of maps',
  },
];

describe('every mistake is shown where it is', () => {
  test.each(CASES)('$name', ({ text, at, message, found, allowed }) => {
    const error = errorOf(above(text));
    const place = at.includes('.yaml') ? at : `a.yaml:${at}`;
    const described = error.problems.map((problem) => ({
      ...problem,
      place: `${problem.file}:${problem.line}:${problem.column}`,
    }));
    const problem = described.find((each) => each.place === place && each.message.includes(message));
    expect(problem ?? described).toMatchObject({
      place,
      message: expect.stringContaining(message),
    });
    expect(problem).toMatchObject({
      found: found ?? problem!.found,
      allowed: allowed === undefined ? problem!.allowed : expect.stringContaining(allowed),
    });
    expect(described).toHaveLength(1);
    expect(error.message).toContain(`${place}: `);
  });
});

describe('words for true and false', () => {
  test.each([
    [['yes', 'on', 'y', 'Yes', 'ON'], 'YAML 1.2 writes true'],
    [['no', 'off', 'n', 'No', 'OFF'], 'YAML 1.2 writes false'],
    [['"true"', '"False"'], 'without quotes it is true or false'],
    [
      [
        'eyes',
        'yesterday',
        'upon',
        'only',
        'any',
        'none',
        'piano',
        'offset',
        'takeoff',
        'truest',
        'untrue',
        'falsehood',
      ],
      undefined,
    ],
  ])('%j', (words, hint) => {
    for (const word of words) {
      const [problem] = errorOf(above(`stages: {first: {flip: ${word}}}`)).problems;
      const message = 'stages.first.flip has the wrong type';
      expect([word, problem!.message]).toEqual([word, hint === undefined ? message : `${message} (${hint})`]);
    }
  });
});

describe('files', () => {
  test('a file that does not exist', () => {
    const error = errorOf({ 'b.yaml': VALID });
    expect(error.message).toContain('there is no file a.yaml');
    expect(error).toBeInstanceOf(UserError);
  });

  test('the nearest file of the folder', () => {
    const cwd = folderWith({ 'smoke.yaml': VALID });
    expect(() => loadExperiment('smok.yaml', { cwd })).toThrow(`did you mean "smoke.yaml"?`);
  });

  test('a folder', () => {
    expect(errorOf({ 'a.yaml/paper.yaml': VALID }).message).toMatch(
      /a\.yaml is a folder, not a file[^]*it holds paper\.yaml/,
    );
  });

  test('an empty file', () => {
    expect(errorOf({ 'a.yaml': '# nothing\n' }).problems).toMatchObject([{ file: 'a.yaml', line: null }]);
    expect(errorOf({ 'a.yaml': '' }).message).toContain('a.yaml: the file is empty');
  });

  test('a file that is no map', () => {
    expect(errorOf({ 'a.yaml': '- 1\n' }).problems).toMatchObject([{ line: 1, column: 1, found: 'a list' }]);
    expect(errorOf({ 'a.yaml': 'hello\n' }).problems).toMatchObject([{ found: 'a single value' }]);
  });

  test('a file that is no text', () => {
    expect(errorOf({ 'a.yaml': 'PNG\0\0' }).message).toContain('a.yaml is not a text file');
  });

  test('an experiment of nothing', () => {
    expect(errorOf({ 'a.yaml': 'name: x\n' }).message).toContain('there is nothing to do');
  });

  test('aliases of aliases do not explode', () => {
    const lines = Array.from(
      { length: 30 },
      (_, i) => `x${i}: &x${i} [${i === 0 ? '1, 1' : `*x${i - 1}, *x${i - 1}`}]`,
    );
    expect(errorOf({ 'a.yaml': `${lines.join('\n')}\n` }).message).toContain('values');
  });
});

describe('extends', () => {
  test('a missing file, where it is named', () => {
    const error = errorOf({
      'a.yaml': 'name: x\nextends: bse.yaml\n',
      'base.yaml': VALID,
    });
    expect(error.problems[0]).toMatchObject({
      file: 'a.yaml',
      line: 2,
      column: 10,
    });
    expect(error.problems[0]!.message).toMatch(/there is no file bse\.yaml \(did you mean ".*base\.yaml"\?\)/);
  });

  test('a circle names its files', () => {
    const files = {
      'a.yaml': 'extends: b.yaml\n',
      'b.yaml': 'extends: [c.yaml]\n',
      'c.yaml': 'extends: b.yaml\n',
    };
    const error = errorOf(files);
    expect(error.problems[0]).toMatchObject({
      file: 'c.yaml',
      line: 1,
      column: 10,
    });
    expect(error.message).toContain('files extend each other in a circle: b.yaml → c.yaml → b.yaml');
  });

  test('a file that extends itself', () => {
    expect(errorOf({ 'a.yaml': 'extends: a.yaml\n' }).message).toContain('a.yaml → a.yaml');
  });

  test('not a name', () => {
    expect(errorOf({ 'a.yaml': `extends: {x: 1}\n${VALID}` }).problems).toMatchObject([{ line: 1, column: 10 }]);
  });

  test('an error in the extended file is shown there', () => {
    const error = errorOf({
      'a.yaml': 'extends: base.yaml\n',
      'base.yaml': VALID.replace('depth: 2', 'depth: 0'),
    });
    expect(error.problems).toMatchObject([{ file: 'base.yaml', line: 11, found: '0' }]);
  });
});

describe('what is no experiment is not read, or not to its end', () => {
  const extending = (base: string) => ({ 'a.yaml': `extends: ${base}\n` });

  test.each([
    ['/dev/zero', 'is a device or a pipe, not a file'],
    ['/proc/self/mem', 'cannot be read (EIO)'],
    ['"a\\0b"', 'cannot be read (ERR_INVALID_ARG_VALUE)'],
    ['x'.repeat(300), 'cannot be read (ENAMETOOLONG)'],
  ])('%s', (base, message) => {
    const { problems } = errorOf(extending(base));
    expect(problems).toMatchObject([{ file: 'a.yaml', line: 1, column: 10 }]);
    expect(problems[0]!.message).toContain(message);
  });

  test('links in a circle, a pipe that nobody writes to, a file without end', () => {
    const folder = folderWith({
      'loop.yaml': 'extends: x\n',
      'pipe.yaml': 'extends: p\n',
      'large.yaml': 'extends: l\n',
    });
    symlinkSync('y', join(folder, 'x'));
    symlinkSync('x', join(folder, 'y'));
    spawnSync('mkfifo', [join(folder, 'p')]);
    writeFileSync(join(folder, 'l'), 'name: a\n');
    truncateSync(join(folder, 'l'), 2 ** 33);
    const load = (file: string) => () => loadExperiment(file, { cwd: folder });
    expect(load('loop.yaml')).toThrow(/loop\.yaml:1:10: x is a symbolic link that leads back to itself/);
    expect(load('x')).toThrow(/^x is a symbolic link that leads back to itself/);
    expect(load('pipe.yaml')).toThrow(/pipe\.yaml:1:10: p is a device or a pipe, not a file/);
    expect(load('large.yaml')).toThrow(
      /large\.yaml:1:10: l is too large for an experiment: 8388608 kB, at most 256 kB/,
    );
  });
});

describe('--set', () => {
  test.each([
    ['stages.first.iterations=-1', 25, 'out of range'],
    ['stages.first.nonsense=1', 14, 'no option "nonsense"'],
    ['stages.first.loss={type: l3}', 26, 'there is no loss of this type'],
    ['stages.first.iterations', 1, 'not of the form a.b.c=VALUE'],
    ['=1', 1, 'not of the form'],
    ['stages.first.loss={type', 24, 'is not closed'],
    ['networks.nafnet.blocks.7=1', 24, 'networks.nafnet.blocks has no entry 7 (the list has 2 entries)'],
    ['stages.first.lr=1', 14, 'no option "lr" (did you mean "optimizer.learningRate"?)'],
  ])('%s', (set, column, message) => {
    const error = errorOf({ 'a.yaml': VALID }, ['seed=1', set]);
    expect(error.problems).toMatchObject([{ file: '--set #2', line: 1, message: expect.stringContaining(message) }]);
    expect(error.problems[0]!.column).toBe(column);
    expect(error.message).toContain(set);
  });
});

test('all mistakes at once, in the order of the file, with the line and a caret under the place', () => {
  const text = VALID.replace('seed: 0', 'seed: -1').replace('depth: 2', 'detph: 2').replace('data: test', 'data: tst');
  expect(errorOf({ 'a.yaml': text }).message).toMatchInlineSnapshot(`
   "a.yaml:2:7: seed is out of range
       |
     2 | seed: -1
       |       ^^
       = found: -1
       = allowed: an integer of at least 0

   a.yaml:11:17: networks.hinet: "depth" is missing
        |
     11 |   hinet: {type: hinet, detph: 2}
        |                 ^^^^^
        = allowed: an integer of at least 1
        = hint: depth: levels

   a.yaml:11:24: networks.hinet: network hinet has no option "detph"
        |
     11 |   hinet: {type: hinet, detph: 2}
        |                        ^^^^^
        = found: detph
        = allowed: depth
        = hint: did you mean "depth"?

   a.yaml:19:20: evaluation.data: there is no "tst" in data
        |
     19 | evaluation: {data: tst}
        |                    ^^^
        = found: tst
        = allowed: train, validation, test
        = hint: did you mean "test"?

   4 problems in the experiment."
  `);
});

test('a mistake behind an alias is shown once', () => {
  const text = VALID.replace('first: {', 'first: &f {flip: no, ').replace(
    /second: .*/,
    'second: {<<: *f, network: first.nafnet}',
  );
  const error = errorOf({ 'a.yaml': text });
  expect(error.problems).toHaveLength(1);
  expect(error.message).toContain('also: stages.second.flip\n'.trimEnd());
});

test('a mistake that is found twice at one place is shown once, without a second place', () => {
  const source = new Source('a.yaml', 'flip: no', '/');
  const place = { source, start: 0, end: 4 };
  const finding = { place, path: 'a.flip', message: 'a.flip is no boolean' };
  const { message } = new ConfigError([finding, finding]);
  expect(message.match(/no boolean/g)).toHaveLength(1);
  expect(message).not.toContain('also');
  const elsewhere = { place, path: 'b.flip', message: 'b.flip is no boolean' };
  expect(new ConfigError([finding, elsewhere, elsewhere, finding]).message).toMatch(/= also: b\.flip$/m);
});

test('a key that should be "extends" is the only problem', () => {
  const { problems } = errorOf({ 'a.yaml': 'extend: base.yaml\nname: x\n' });
  expect(problems).toMatchObject([{ line: 1, message: expect.stringContaining('did you mean "extends"?') }]);
});

describe('input that would take long to read', () => {
  /** Processor time in ms, which other processes do not change. */
  const cost = (work: () => void) => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };

  test.each([
    ['a long --set', {}, [`${'a'.repeat(20_000)}=1`], 'longer than 10000 characters'],
    ['a long name', {}, [`stages.${'a'.repeat(9_000)}={type: regression}`], '"network" is missing'],
    [
      'many keys',
      { 'a.yaml': `${VALID}${Array.from({ length: 500_000 }, (_, i) => `k${i}: 1\n`).join('')}` },
      [],
      'too large',
    ],
    ['lists in lists', { 'a.yaml': `${VALID}x: ${'['.repeat(50_000)}` }, [], 'nested too deeply'],
    ['maps in maps', { 'a.yaml': `${VALID}x: ${'{a: '.repeat(200)}${'}'.repeat(200)}` }, [], 'nested too deeply'],
    ['a deep --set', {}, [`a=${'['.repeat(400)}${']'.repeat(400)}`], 'nested too deeply'],
  ])('%s is refused with its reason', (_, files, set, message) => {
    const spent = cost(() => {
      expect(errorOf({ 'a.yaml': VALID, ...files }, set).message).toContain(message);
    });
    expect(spent).toBeLessThan(2000);
  });

  test('files that extend two files that extend two files, 14 times, are each read once', () => {
    const files = Array.from({ length: 14 }, (_, i) => [
      [`l${i}.yaml`, `extends: [l${i + 1}.yaml, r${i + 1}.yaml]\n`],
      [`r${i}.yaml`, `extends: [l${i + 1}.yaml, r${i + 1}.yaml]\n`],
    ]).flat();
    const folder = {
      'a.yaml': 'extends: l0.yaml\nseed: -1\n',
      ...Object.fromEntries(files),
      'l14.yaml': VALID,
      'r14.yaml': VALID,
    };
    const spent = cost(() => {
      expect(errorOf(folder).problems).toMatchObject([{ file: 'a.yaml', line: 2 }]);
    });
    expect(spent).toBeLessThan(2000);
  });
});

test('a long line is shown around the place', () => {
  const error = errorOf({
    'a.yaml': `${VALID}# ${'x'.repeat(200)}\nruntime: {    ${' '.repeat(150)}device: cup}\n`,
  });
  const [, , line, carets] = error.message.split('\n');
  expect(line!.length).toBeLessThan(130);
  expect(line!.slice(carets!.indexOf('^'), carets!.lastIndexOf('^') + 1)).toBe('cup');
});
