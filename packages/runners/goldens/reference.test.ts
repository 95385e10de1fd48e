import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import { checkCase } from './check.ts';
import { listCases, REFERENCE } from './folder.ts';

jest.setTimeout(240_000);

beforeAll(() => {
  loadEngine();
});

describe('reference values of PyTorch', () => {
  test.each(listCases(REFERENCE))('%s', async (name) => {
    const { status, problem, tensor, maxError, tolerance } = await checkCase(REFERENCE, name);
    expect({ status, problem, tensor, maxError, tolerance }).toMatchObject({ status: 'ok', problem: undefined });
  });
});
