import { configs } from './configs.ts';
import { locks } from './locks.ts';
import type { Soak } from './soak.ts';

/** Every kind, in the order in which they are listed. */
export const SOAKS: readonly Soak[] = [configs, locks];
