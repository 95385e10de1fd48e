import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadExperiment, type UserError } from '@dualprior/core';
import '../index.ts';
import { checkPublished } from './check-published.ts';

const PAPER = resolve(import.meta.dirname, '../../../experiments/paper.yaml');
const NAMES = [
  'alexnet',
  'arcface-resnet18',
  'inception-fid',
  'ir-se50',
  'lpips-alex',
  'lpips-vgg',
  'stylegan2-ffhq-512',
];

const before = process.env['DUALPRIOR_CACHE'];
let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
  process.env['DUALPRIOR_CACHE'] = cache;
});

afterEach(() => {
  if (before === undefined) delete process.env['DUALPRIOR_CACHE'];
  else process.env['DUALPRIOR_CACHE'] = before;
});

function errorOf(): UserError | undefined {
  try {
    checkPublished([loadExperiment(PAPER)]);
  } catch (error) {
    return error as UserError;
  }
  return undefined;
}

test('one list says what to get, and how, where nothing is there yet', () => {
  const { message, problems } = errorOf()!;
  const missing = [...NAMES, 'vgg16', 'vgg19'];
  expect(problems.map((problem) => /^weights (.+) are missing$/.exec(problem.message)?.[1]).sort()).toEqual(missing);
  expect(message.split('\n')[0]).toBe('paper needs weights that are not there yet:');
  expect(message).toMatch(
    /weights fetch .*paper\.yaml downloads them, but for:\n {2}ir-se50: Get model_ir_se50\.pth from https:/,
  );
  expect(message).toContain(join(cache, 'weights', 'model_ir_se50.pth'));
});

test('what is there is not asked for', () => {
  mkdirSync(join(cache, 'weights'));
  for (const { allowed } of errorOf()!.problems) writeFileSync(/ put it at (.+)$/.exec(allowed!)![1]!, '');
  expect(errorOf()).toBeUndefined();
});
