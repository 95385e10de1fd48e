import { hinet } from './cases/hinet.ts';
import { losses } from './cases/losses.ts';
import { nafnet } from './cases/nafnet.ts';
import { psnrSsim } from './cases/psnr-ssim.ts';
import type { GoldenFamily } from './golden.ts';

/** Everything that reference numbers can be checked against. */
export const families: readonly GoldenFamily[] = [nafnet, hinet, losses, psnrSsim];
