import { UserError } from '@dualprior/core';

/** The stages that have a counterpart in plain PyTorch, by type. */
export const STAGES = ['regression', 'gan', 'gan-inversion', 'fusion', 'gfpgan', 'gpen'] as const;
export type TimedStage = (typeof STAGES)[number];

/** Most channels, unless more are asked for. */
export const CHANNELS = 128;

/** What is timed: a stage's networks at this side, and this many images a step. */
export interface TimedCase {
  readonly stage: TimedStage;
  readonly size: number;
  readonly batch: number;
  /** The maximum number of channels of StyleGAN2 and of what is built on it. */
  readonly channels: number;
}

/**
 * An experiment with one stage `train`, as `pytorch/case.py` reads it too. Losses on features are left out (both sides would run the same
 * convolutions), and so are identity losses; all else has the defaults. Errors: a side that StyleGAN2 has not.
 */
export function experimentOf({ stage, size, batch, channels }: TimedCase): object {
  if (size < 32 || Math.log2(size) % 1 !== 0) {
    throw new UserError(`--size is ${size}, but stages are timed at a power of two from 32.`);
  }
  const styled = { styleWidth: 128, mappingLayers: 4, maxChannels: channels };
  const networks = {
    regressor: { type: 'nafnet', width: 16, encoderBlocks: [1, 1, 2], middleBlocks: 1, decoderBlocks: [1, 1, 1] },
    encoder: {
      type: 'inversion-encoder',
      size,
      resolution: size / 8,
      featureChannels: channels,
      latents: 8,
      styleWidth: 128,
      filterMin: 16,
      filterMax: 64,
    },
    generator: { type: 'stylegan2-generator', size, ...styled },
    discriminator: {
      type: 'stylegan2-discriminator',
      size,
      maxChannels: channels,
      ...(stage === 'gpen' && { stddevGroup: 'batch' }),
    },
    fusion: { type: 'fusion', width: 32, blocks: 4 },
    gfpgan: { type: 'gfpgan', size, ...styled },
    gpen: { type: 'gpen', size, ...styled },
  };
  const prior = { regressor: 'regressor', encoder: 'encoder', generator: 'generator' };
  const judged = { discriminator: 'discriminator' };
  const loss = (...types: string[]) => ({ loss: { type: 'weighted-sum', terms: types.map((type) => ({ type })) } });
  const roles: Record<TimedStage, object> = {
    regression: { network: 'regressor', loss: { type: 'psnr' } },
    gan: { generator: 'generator', ...judged, samples: { every: NEVER, count: 1 } },
    'gan-inversion': { ...prior, ...judged, ...loss('l1', 'gan-nonsaturating') },
    fusion: { ...prior, fusion: 'fusion', ...loss('l1') },
    gfpgan: { network: 'gfpgan', ...judged, ...loss('l1', 'gan-nonsaturating'), pyramid: { until: NEVER } },
    gpen: { network: 'gpen', ...judged },
  };
  const named = Object.values(roles[stage]).filter((value) => typeof value === 'string');
  return {
    name: `time-${stage}`,
    seed: 0,
    degradations: { blur: { type: 'motion-blur', kernels: { type: 'camera-shake', count: 1 } } },
    data: { train: { type: 'avatars', size, limit: batch, seed: 1, degradation: 'blur' } },
    networks: Object.fromEntries(Object.entries(networks).filter(([name]) => named.includes(name))),
    stages: {
      train: {
        type: stage,
        ...roles[stage],
        data: 'train',
        iterations: NEVER,
        batch: { size: batch },
        saveEvery: NEVER,
        logEvery: NEVER,
      },
    },
    tracking: null,
  };
}

/** More iterations than any timing has. */
const NEVER = 1_000_000;
