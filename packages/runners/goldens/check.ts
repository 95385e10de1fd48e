import { UserError, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { families } from './families.ts';
import { Golden, type GoldenFamily } from './golden.ts';
import { NudgedGolden } from './nudged-golden.ts';
import { isPickle, NVLABS, pickleGolden } from './pickle-golden.ts';

/** How a case went. The tensor is the one whose error is the largest part of its tolerance. */
export interface CaseResult {
  readonly name: string;
  readonly status: 'ok' | 'fail' | 'missing';
  readonly tensor: string | null;
  /** Largest absolute difference; null where there is none to compute. */
  readonly maxError: number | null;
  readonly tolerance: number | null;
  /** How often images were moved in their last bits until a gradient with kinks agreed; 0 where nothing had to be moved. */
  readonly moves: number;
  /** What went wrong, where it is not a number. */
  readonly problem?: string;
}

/** How often a gradient with kinks is computed again. */
const NUDGES = 8;

/** Runs one case of a folder. */
export async function checkCase(
  folder: string,
  name: string,
  known: readonly GoldenFamily[] = families,
): Promise<CaseResult> {
  const nothing = { name, tensor: null, maxError: null, tolerance: null, moves: 0 };
  const isOfPickle = isPickle(folder, name);
  const files = isOfPickle ? [] : [`${name}.json`, `${name}.npz`].filter((file) => !existsSync(join(folder, file)));
  const wanted = name === NVLABS ? 'NAME.pkl with a NAME.reference.npz beside it' : files.join(' and no ');
  if (files.length > 0) return { ...nothing, status: 'missing', problem: `${folder} has no ${wanted}` };
  try {
    const golden = isOfPickle ? pickleGolden(folder, name) : new Golden(folder, name);
    const family = known.find((candidate) => candidate.knows(golden));
    if (!family) return { ...nothing, status: 'missing', problem: 'nothing here computes it' };
    return { ...(await compare(golden, family, await compute(family, golden))), name };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...nothing, status: 'fail', problem: error.message };
  }
}

/** What the family makes of a case; all tensors that it leaves are freed. */
async function compute(family: GoldenFamily, golden: Golden): Promise<ReadonlyMap<string, NdArray>> {
  tf.engine().startScope();
  try {
    return await family.compute(golden);
  } finally {
    tf.engine().endScope();
  }
}

async function compare(golden: Golden, family: GoldenFamily, ours: ReadonlyMap<string, NdArray>): Promise<CaseResult> {
  const results: CaseResult[] = [];
  for (const tensor of golden.outputs) {
    const result = compareTensor(golden, tensor, ours.get(tensor));
    const isKinked = severity(result) > 1 && family.hasKinks?.(golden, tensor);
    results.push(isKinked ? await nudged(golden, family, result) : result);
  }
  const worst = results.reduce((a, b) => (severity(b) > severity(a) ? b : a));
  const moves = Math.max(...results.map((result) => result.moves));
  return { ...worst, moves, status: severity(worst) > 1 ? 'fail' : 'ok' };
}

/** The first result within the tolerance for inputs that are the same but for their last bits; else the one that there was. */
async function nudged(golden: Golden, family: GoldenFamily, result: CaseResult): Promise<CaseResult> {
  const tensor = result.tensor!;
  for (let attempt = 0; attempt < NUDGES; attempt++) {
    const moved = new NudgedGolden(golden, tensor, attempt);
    const ours = await compute(family, moved);
    const again = compareTensor(golden, tensor, ours.get(tensor));
    if (severity(again) <= 1) return { ...again, moves: attempt + 1 };
  }
  return { ...result, moves: NUDGES };
}

/** Error over tolerance; infinite where there is no error to compare. */
function severity({ maxError, tolerance }: CaseResult): number {
  if (maxError === null || tolerance === null) return Infinity;
  return maxError === 0 ? 0 : maxError / tolerance;
}

function compareTensor(golden: Golden, tensor: string, ours: NdArray | undefined): CaseResult {
  const tolerance = golden.manifest.tensors[tensor]!.atol ?? null;
  const result = { name: golden.name, status: 'fail', tensor, tolerance, maxError: null, moves: 0 } as const;
  const theirs = golden.array(tensor);
  if (!ours) return { ...result, problem: `${tensor} was not computed` };
  const [found, expected] = [ours, theirs].map(({ shape }) => `(${shape.join(', ')})`);
  if (found !== expected) return { ...result, problem: `${tensor} has shape ${found}, ${expected} expected` };
  const error = greatestDifference(ours, theirs);
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
