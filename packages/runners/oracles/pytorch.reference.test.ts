import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cacheFolder } from '@dualprior/core';
import { peerPython, PEER_VERSION } from '../../../tools/setup/peer.mjs';
import type { Numbers } from './testing/capture.ts';

jest.setTimeout(300_000);

const FOLDER = join(import.meta.dirname, 'numbers');
const NAMES = readdirSync(FOLDER).map((file) => file.replace('.json', ''));

/** Seven digits are kept; float64 differs from processor to processor in the fifteenth. */
const TOLERANCE = 1e-6;

const python = peerPython(cacheFolder());
if (python === undefined) {
  console.warn(
    `The numbers of packages/runners/oracles are not computed again: PyTorch ${PEER_VERSION} is not installed (yarn bench --install-peer).`,
  );
}

(python === undefined ? describe.skip : describe)('plain PyTorch computes the committed numbers', () => {
  let computed: Record<string, Numbers> = {};

  beforeAll(async () => {
    const program = join(import.meta.dirname, 'pytorch', 'main.py');
    const cases = NAMES.map((name) => join(import.meta.dirname, 'cases', `${name}.json`));
    const { stdout } = await promisify(execFile)(python!, [program, ...cases], { maxBuffer: 2 ** 26 });
    computed = JSON.parse(stdout) as Record<string, Numbers>;
  });

  test.each(NAMES)('%s', (name) => {
    const committed: unknown = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
    expect(computed[name]).toEqual(nearly(committed));
  });
});

/** The same, whose numbers match those that are near. */
function nearly(value: unknown): unknown {
  if (typeof value === 'number') return { asymmetricMatch: (other: unknown) => isNear(other, value) };
  if (Array.isArray(value)) return value.map(nearly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, nearly(inner)]));
}

function isNear(found: unknown, expected: number): boolean {
  return typeof found === 'number' && Math.abs(found - expected) <= TOLERANCE * Math.abs(expected);
}
