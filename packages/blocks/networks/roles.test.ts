import { expect, test } from '@jest/globals';
import { BdInvertEncoder } from './bdinvert-encoder.ts';
import { isComponentDiscriminator } from './component-discriminator.ts';
import { isDiscriminator } from './discriminator.ts';
import { isEncoder, isFeatureEncoder, isLatentEncoder } from './encoder.ts';
import { FacialComponentDiscriminator } from './facial-component-discriminator.ts';
import { isFuser } from './fuser.ts';
import { Fusion } from './fusion.ts';
import { isGenerator } from './generator.ts';
import { InversionEncoder } from './inversion-encoder.ts';
import { isRestorer, type Network } from './network.ts';
import { isPriorRestorer } from './prior-restorer.ts';
import { GfpGan } from './gfpgan.ts';
import { Gpen } from './gpen.ts';
import { HiNet } from './hinet.ts';
import { NafNet } from './nafnet.ts';
import { PspEncoder } from './psp-encoder.ts';
import { StyleGan2Discriminator } from './stylegan2-discriminator.ts';
import { StyleGan2Generator } from './stylegan2-generator.ts';

const ROLES: Readonly<Record<string, (network: Network) => boolean>> = {
  ...{ restorer: isRestorer, 'prior restorer': isPriorRestorer, generator: isGenerator, fuser: isFuser },
  ...{ discriminator: isDiscriminator, 'discriminator of a part': isComponentDiscriminator },
  ...{ encoder: isEncoder, 'encoder into latents': isLatentEncoder, 'encoder into a feature': isFeatureEncoder },
};

const stylegan2 = { size: 16, channelMultiplier: 2, maxChannels: 4, styleWidth: 8, mappingLayers: 2 } as const;
const gfpgan = { inputIsLatent: true, differentW: true, sftHalf: true, fixDecoder: true } as const;
const trunk = { resolution: 4, featureChannels: 4, filterMin: 4, filterMax: 4 };
const nafnet = {
  ...{ width: 2, encoderBlocks: [1], middleBlocks: 1, decoderBlocks: [1] },
  ...{ depthwiseExpansion: 2, ffnExpansion: 2, imageChannels: 3 },
};
const hinet = {
  width: 2,
  depth: 2,
  hinPositionLeft: 0,
  hinPositionRight: 4,
  reluSlope: 0.2,
  initialization: 'pytorch',
} as const;

test.each<[string[], () => Network]>([
  [['restorer'], () => new NafNet(nafnet)],
  [['restorer'], () => new HiNet({ ...hinet, imageChannels: 3 })],
  [['restorer', 'prior restorer'], () => new GfpGan({ ...stylegan2, ...gfpgan, architecture: 'clean', narrow: 1 })],
  [['restorer', 'prior restorer'], () => new Gpen({ ...stylegan2, mappingRate: 0.01, narrow: 1, isconcat: true })],
  [['generator'], () => new StyleGan2Generator({ ...stylegan2, mappingRate: 0.01 })],
  [['fuser'], () => new Fusion({ width: 1, blocks: 1, normalization: 'none', imageChannels: 3 })],
  [['discriminator'], () => new StyleGan2Discriminator({ ...stylegan2, stddevGroup: 4 })],
  [['discriminator of a part'], () => new FacialComponentDiscriminator({ width: 1 })],
  [['encoder'], () => new InversionEncoder({ ...trunk, size: 32, latents: 2, styleWidth: 4 })],
  [
    ['encoder into latents'],
    () => new PspEncoder({ styles: 2, styleWidth: 4, width: 4, mode: 'ir', imageChannels: 3 }),
  ],
  [['encoder into a feature'], () => new BdInvertEncoder({ ...trunk, inputSize: 16 })],
])('what a network can do makes it a %j', (roles, make) => {
  const network = make();
  expect(Object.keys(ROLES).filter((role) => ROLES[role]!(network))).toEqual(roles);
});
