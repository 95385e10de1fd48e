import { bdinvert } from './cases/bdinvert.ts';
import { contextual, contextualVgg } from './cases/contextual.ts';
import { dists } from './cases/dists.ts';
import { evaluation } from './cases/evaluation.ts';
import { fidInception } from './cases/fid-inception.ts';
import { gpen } from './cases/gpen.ts';
import { gfpgan } from './cases/gfpgan.ts';
import { frechet } from './cases/frechet.ts';
import { fusion } from './cases/fusion.ts';
import { hinet } from './cases/hinet.ts';
import { identityDistance } from './cases/identity-distance.ts';
import { inversionEncoder } from './cases/inversion-encoder.ts';
import { kid } from './cases/kid.ts';
import { losses } from './cases/losses.ts';
import { lpips } from './cases/lpips.ts';
import { lpipsComponents } from './cases/lpips-components.ts';
import { musiq } from './cases/musiq.ts';
import { nafnet } from './cases/nafnet.ts';
import { nvlabs } from './cases/nvlabs.ts';
import { pspBlock } from './cases/psp-block.ts';
import { pspEncoder } from './cases/psp-encoder.ts';
import { psnrSsim } from './cases/psnr-ssim.ts';
import { modconv } from './cases/modconv.ts';
import { stylegan2Discriminator } from './cases/stylegan2-discriminator.ts';
import { stylegan2Generator } from './cases/stylegan2-generator.ts';
import { upfirdn2d } from './cases/upfirdn2d.ts';
import { vgg19Losses } from './cases/vgg19-losses.ts';
import type { GoldenFamily } from './golden.ts';

/** Everything that reference values can be checked against, by what is computed; `features` are losses and metrics of a pretrained network's features. */
export const FAMILIES = {
  networks: [
    ...[nafnet, hinet, fusion, inversionEncoder, gfpgan, gpen, pspBlock, pspEncoder, bdinvert, nvlabs],
    ...[stylegan2Generator, stylegan2Discriminator, upfirdn2d, modconv],
  ],
  features: [contextualVgg, vgg19Losses, lpips, lpipsComponents, dists, fidInception, identityDistance],
  losses: [losses, contextual],
  metrics: [psnrSsim, frechet, kid, musiq],
  evaluation: [evaluation],
} satisfies Readonly<Record<string, readonly GoldenFamily[]>>;

export const families: readonly GoldenFamily[] = Object.values(FAMILIES).flat();
