import { configs } from './configs.ts';
import { kills } from './kills.ts';
import { locks } from './locks.ts';
import { mlflow } from './mlflow.ts';
import { mutants } from './mutants.ts';
import { native } from './native.ts';
import { paper } from './paper.ts';
import { sweeps } from './sweeps.ts';
import { weights } from './weights.ts';
import type { Soak } from './soak.ts';

/** Every kind, in the order in which they are listed. */
export const SOAKS: readonly Soak[] = [kills, sweeps, configs, weights, mlflow, locks, native, paper, mutants];
