import type { Golden } from '../golden.ts';

interface Config {
  readonly size: 16;
  readonly style_dim: number;
  readonly n_mlp: number;
  readonly lr_mlp?: number;
  readonly stddev_group?: number;
  readonly channels: Readonly<Record<string, number>>;
}

/** Options of generator and discriminator. */
export function stylegan2Options({ manifest }: Golden) {
  const config = manifest.config as unknown as Config;
  return {
    size: config.size,
    channels: { ...config.channels },
    channelMultiplier: 2,
    maxChannels: 512,
    styleWidth: config.style_dim,
    mappingLayers: config.n_mlp,
    mappingRate: config.lr_mlp ?? 0.01,
    stddevGroup: config.stddev_group ?? 4,
  };
}
