import { hinet } from './cases/hinet.ts';
import { nafnet } from './cases/nafnet.ts';
import type { GoldenFamily } from './golden.ts';

/** Everything that reference numbers can be checked against. */
export const families: readonly GoldenFamily[] = [nafnet, hinet];
