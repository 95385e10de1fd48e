import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import '../index.ts';
import './testing/toy-trunk.ts';
import { capture, type Numbers } from './testing/capture.ts';
import { differences } from './testing/differences.ts';
import { GAN_STREAMS, RESTORER_STREAMS, type Streams } from './testing/draws.ts';

jest.setTimeout(120_000);

const STREAMS: Readonly<Record<string, Streams>> = {
  gan: GAN_STREAMS,
  gfpgan: RESTORER_STREAMS,
  gpen: RESTORER_STREAMS,
};

const CASES = [
  'regression-nafnet',
  'regression-hinet',
  'fusion',
  'fusion-batch-norm',
  'gan-inversion',
  'gan-inversion-slowed',
];

beforeAll(() => void loadEngine());

const numbersOf = (name: string): Numbers =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'numbers', `${name}.json`), 'utf8')) as Numbers;

describe('the stages compute what plain PyTorch computes, written from the papers and the official code', () => {
  test.each(CASES)('%s', async (name) => {
    const file = join(import.meta.dirname, 'cases', `${name}.json`);
    const found = await capture(file, STREAMS[name.split('-')[0]!], []);
    expect(differences(found, numbersOf(name))).toEqual([]);
  });
});
