import { UserError } from '@dualprior/core/nn';
import { Type, type Static, type TObject } from '@sinclair/typebox';

export const SMALLEST = 4;

const SIZES = [16, 32, 64, 128, 256, 512, 1024] as const;

/** Options that generator and discriminator share, so that one can be written for the other. */
export const SizeOptions = {
  size: Type.Union(
    SIZES.map((size) => Type.Literal(size)),
    { description: 'height and width of the images, in pixels' },
  ),
  channelMultiplier: Type.Number({
    exclusiveMinimum: 0,
    maximum: 64,
    default: 2,
    description: 'width of the network: there are 16384 times this, divided by the resolution, channels',
  }),
  maxChannels: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 512,
    description: 'maximum number of channels at any resolution',
  }),
  channels: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^(4|8|16|32|64|128|256|512|1024)$' }),
      Type.Integer({ minimum: 1, maximum: 4096 }),
      {
        additionalProperties: false,
        description:
          'channels of each resolution from 4 to the size (`{4: 512, 8: 512, ...}`), in place of the two options above',
      },
    ),
  ),
};

export type Sizes = Static<TObject<typeof SizeOptions>>;

/** Whether images of this size can be had. */
export function isSize(size: number): size is Sizes['size'] {
  return (SIZES as readonly number[]).includes(size);
}

/** 4, 8, ... up to the size. */
export function resolutions(size: number): number[] {
  const count = Math.log2(size / SMALLEST) + 1;
  return Array.from({ length: count }, (_, level) => SMALLEST * 2 ** level);
}

/**
 * Channels of each resolution. The default is that of StyleGAN2's configuration F at 1024: 512 up to 64 pixels, then half as many at each
 * doubling. Errors: `UserError` for a size that is none, or channels given for other resolutions than there are.
 */
export function channelsOf(
  type: string,
  { size, channelMultiplier, maxChannels, channels }: Sizes,
): Map<number, number> {
  if (!isSize(size)) {
    throw new UserError(`${type}: the size is ${String(size)}, but it must be one of ${SIZES.join(', ')}.`);
  }
  const all = resolutions(size);
  if (!channels) {
    const width = (resolution: number) => Math.floor((2 ** 14 * channelMultiplier) / resolution);
    return new Map(all.map((resolution) => [resolution, Math.max(1, Math.min(maxChannels, width(resolution)))]));
  }
  const given = Object.keys(channels).map(Number);
  const [missing, unknown] = [all.filter((r) => !given.includes(r)), given.filter((r) => !all.includes(r))];
  const problems = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`has ${unknown.join(', ')}`] : []),
  ];
  if (problems.length > 0) {
    throw new UserError(`${type}: channels ${problems.join(' and ')}, but size ${size} has ${all.join(', ')}.`);
  }
  return new Map(all.map((resolution) => [resolution, channels[String(resolution)]!]));
}
