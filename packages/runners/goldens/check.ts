import { UserError, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { families } from './families.ts';
import { Golden, type GoldenFamily } from './golden.ts';

/** How a case went. The tensor is the one whose error is the largest part of its tolerance. */
export interface CaseResult {
  readonly name: string;
  readonly status: 'ok' | 'fail' | 'missing';
  readonly tensor: string | null;
  /** Largest absolute difference; null where there is none to compute. */
  readonly maxError: number | null;
  readonly tolerance: number | null;
  /** What went wrong, where it is not a number. */
  readonly problem?: string;
}

/** Part of the elements that must be within the tolerance where single units may flip, and how far the whole may be apart (relative L2). */
const USUAL = 0.99;
const MOST_APART = 2e-3;

/** Runs one case of a folder. */
export function checkCase(folder: string, name: string, known: readonly GoldenFamily[] = families): CaseResult {
  const nothing = { name, tensor: null, maxError: null, tolerance: null };
  const files = [`${name}.json`, `${name}.npz`].filter((file) => !existsSync(join(folder, file)));
  if (files.length > 0) return { ...nothing, status: 'missing', problem: `${folder} has no ${files.join(' and no ')}` };
  try {
    const golden = new Golden(folder, name);
    const family = known.find((candidate) => candidate.knows(golden));
    if (!family) return { ...nothing, status: 'missing', problem: 'nothing here computes it' };
    return compare(golden, family, tf.tidy(() => family.compute(golden) as never) as Map<string, NdArray>);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...nothing, status: 'fail', problem: error.message };
  }
}

function compare(golden: Golden, family: GoldenFamily, ours: ReadonlyMap<string, NdArray>): CaseResult {
  const results = golden.outputs.map((tensor) => {
    const difference = family.hasKinks?.(golden, tensor) ? usualDifference : greatestDifference;
    return compareTensor(golden, tensor, ours.get(tensor), difference);
  });
  const worst = results.reduce((a, b) => (severity(b) > severity(a) ? b : a));
  return { ...worst, status: severity(worst) > 1 ? 'fail' : 'ok' };
}

/** Error over tolerance; infinite where there is no error to compare. */
function severity({ maxError, tolerance }: CaseResult): number {
  if (maxError === null || tolerance === null) return Infinity;
  return maxError === 0 ? 0 : maxError / tolerance;
}

function compareTensor(
  golden: Golden,
  tensor: string,
  ours: NdArray | undefined,
  difference: (ours: NdArray, theirs: NdArray) => number,
): CaseResult {
  const tolerance = golden.manifest.tensors[tensor]!.atol ?? null;
  const result = { name: golden.name, status: 'fail', tensor, tolerance, maxError: null } as const;
  const theirs = golden.array(tensor);
  if (!ours) return { ...result, problem: `${tensor} was not computed` };
  const [found, expected] = [ours, theirs].map(({ shape }) => `(${shape.join(', ')})`);
  if (found !== expected) return { ...result, problem: `${tensor} has shape ${found}, ${expected} expected` };
  const error = difference(ours, theirs);
  if (!Number.isFinite(error)) return { ...result, problem: `${tensor} is not finite` };
  return { ...result, maxError: error };
}

function greatestDifference(a: NdArray, b: NdArray): number {
  let greatest = 0;
  for (let i = 0; i < a.values.length; i++) {
    const difference = Math.abs(Number(a.values[i]) - Number(b.values[i]));
    if (!(difference <= greatest)) greatest = difference;
  }
  return greatest;
}

/** The greatest difference but for the worst hundredth of the elements; infinite if the whole is not near (GOLDENS.md, section 2). */
function usualDifference(a: NdArray, b: NdArray): number {
  const expected = Float64Array.from({ length: b.values.length }, (_, i) => Number(b.values[i]));
  const differences = expected.map((value, i) => Math.abs(Number(a.values[i]) - value)).sort();
  const relative = norm(differences) / norm(expected);
  return relative < MOST_APART ? differences[Math.ceil(differences.length * USUAL) - 1]! : Infinity;
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
}
