import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import { checkCase } from '../check.ts';
import { FAMILIES } from '../families.ts';
import { listCases, REFERENCE } from '../folder.ts';
import { Golden, type GoldenFamily } from '../golden.ts';

/** The cases of this repository that some families know. */
export function casesOf(families: readonly GoldenFamily[]): string[] {
  const isKnown = (golden: Golden) => families.some((family) => family.knows(golden));
  return listCases(REFERENCE).filter((name) => isKnown(new Golden(REFERENCE, name)));
}

/** Tests one kind of what reference values can be checked against. */
export function checkReference(kind: keyof typeof FAMILIES): void {
  jest.setTimeout(240_000);

  beforeAll(() => {
    loadEngine();
  });

  describe(`reference values of PyTorch: ${kind}`, () => {
    test.each(casesOf(FAMILIES[kind]))('%s', async (name) => {
      const { status, problem, tensor, maxError, tolerance } = await checkCase(REFERENCE, name);
      expect({ status, problem, tensor, maxError, tolerance }).toMatchObject({ status: 'ok', problem: undefined });
    });
  });
}
