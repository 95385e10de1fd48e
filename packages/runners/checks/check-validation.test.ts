import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadExperiment, type ConfigError } from '@dualprior/core';
import '../index.ts';
import { checkValidation } from './check-validation.ts';

const experiments = resolve(import.meta.dirname, '../../../experiments');

const mistakes = (...set: string[]) => mistakesOf('dual-prior-smoke.yaml', ...set);

/** Each with its place. */
function mistakesOf(file: string, ...set: string[]): string[] {
  try {
    checkValidation(loadExperiment(resolve(experiments, file), { set }));
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map(({ file, message }) => `${file}: ${message}`);
  }
}

const others = (options: string) => [`data.others={type: ${options}}`, 'stages.fuse.validation=others'];
const ffhq = (split: string) => ['data.train=null', `data.train={type: ffhq, root: /f, split: ${split}, holdOut: 2}`];
const folder = (name: string, options = '') => [`data.${name}=null`, `data.${name}={type: image-folder, ${options}}`];

describe('validation', () => {
  test('on images that the training holds out, or of another source, is right', () => {
    expect(mistakes()).toEqual([]);
    expect(mistakes(...others('avatars, seed: 3, limit: 4'))).toEqual([]);
    expect(mistakes(...others('held-out, of: test'), 'data.test.holdOut=2')).toEqual([]);
    const listed = [...folder('train', 'root: /a, list: /1, holdOut: 2'), ...folder('test', 'root: /a, list: /2')];
    expect(mistakes(...listed)).toEqual([]);
    expect(mistakes(...ffhq('training'), ...others('ffhq, root: /f, split: validation'))).toEqual([]);
  });

  test.each([
    ['the test images', ['stages.fuse.validation=test'], /^--set #1: stages\.fuse\.validation: "test" .* evaluation/],
    ['the training images', ['stages.fuse.validation=train'], /^--set #1: .*"train" has images of the training/],
    [
      'them again and again',
      others('repeated, of: test, times: 2'),
      /^--set #2: .*"others" .* the evaluation \("test"\)/,
    ],
    ['a part of them', others('avatars, seed: 2, limit: 2'), /"others" .* evaluation/],
    ['what another split of them holds out', others('avatars, seed: 1, limit: 32'), /"others" .* training \("train"\)/],
    [
      'what the evaluation is on too',
      ['evaluation.data=validation', 'stages.restore.validation=null', 'stages.invert.validation=null'],
      /^\S+smoke\.yaml: stages\.fuse\.validation: .* evaluation \("validation"\)/,
    ],
    ['a split of them', [...ffhq('all'), ...others('ffhq, root: /f, split: validation')], /"others" .* training/],
    [
      'all of a folder',
      [...folder('train', 'root: /a, holdOut: 2'), ...others('image-folder, root: /a, seed: 5')],
      /"others" .* training/,
    ],
  ])('on %s is a mistake', (_, set, message) => {
    expect(mistakes(...set)).toEqual([expect.stringMatching(message)]);
  });
});

describe('training', () => {
  test.each([
    [
      'the data set of the evaluation',
      ['stages.hinet.data=test'],
      'stages.hinet.data: "test" has the images of the evaluation',
    ],
    [
      'it again and again',
      ['data.more={type: repeated, of: test, times: 2}', 'stages.hinet.data=more'],
      'stages.hinet.data: "more" has the images of the evaluation ("test")',
    ],
    [
      'what the evaluation has again and again',
      ['data.more={type: repeated, of: train, times: 2}', 'evaluation.data=more', 'stages.hinet.validation=null'],
      'stages.hinet.data: "train" has the images of the evaluation ("more")',
    ],
  ])('on %s is a mistake', (_, set, message) => {
    expect(mistakesOf('smoke.yaml', ...set)).toContainEqual(expect.stringContaining(message));
  });

  test('on what a data set leaves where the evaluation is on what it holds out is right', () => {
    const set = ['evaluation.data=validation', 'stages.nafnet.validation=null', 'stages.hinet.validation=null'];
    expect(mistakesOf('smoke.yaml', ...set)).toEqual([]);
  });
});
