import { channelsOf, isSize, SMALLEST, type Sizes } from './channels.ts';

/** Most channels of a resolution in the official releases. */
const OFFICIAL_MOST = 512;
/** Their channel multipliers, the usual one first. */
const OFFICIAL_MULTIPLIERS = [2, 1];

type NarrowSizes = Sizes & { readonly narrow: number };

/** The options of size and channels of a network with these channels, from the resolution 4 up; empty for an unsupported size. */
export function sizesOf(ascending: readonly number[]): Sizes[] {
  return simplest(ascending, [1]).map(({ narrow: _, ...sizes }) => sizes);
}

/** The same of a network whose channels are also made fewer by a factor, `narrow`. */
export function narrowSizesOf(ascending: readonly number[]): NarrowSizes[] {
  return simplest(ascending, [1, Math.max(...ascending) / OFFICIAL_MOST]);
}

/** The first rule that gives these channels, official ones before others; where none does, the channels of each resolution. */
function simplest(ascending: readonly number[], narrows: readonly number[]): NarrowSizes[] {
  const size = SMALLEST * 2 ** (ascending.length - 1);
  if (!isSize(size)) return [];
  const official = narrows.flatMap((narrow) =>
    OFFICIAL_MULTIPLIERS.map((channelMultiplier) => ({ channelMultiplier, maxChannels: OFFICIAL_MOST, narrow })),
  );
  const measured = ascending.map((width, level) => (width * SMALLEST * 2 ** level) / 2 ** 14);
  const others = [OFFICIAL_MOST, Math.max(...ascending)].flatMap((maxChannels) =>
    [...OFFICIAL_MULTIPLIERS, ...measured].map((channelMultiplier) => ({ channelMultiplier, maxChannels, narrow: 1 })),
  );
  const rule = [...official, ...others].find(({ narrow, ...sizes }) => {
    const widths = [...channelsOf('', { size, ...sizes }).values()];
    return widths.map((width) => Math.floor(width * narrow)).join() === ascending.join();
  });
  const channels = Object.fromEntries(ascending.map((width, level) => [SMALLEST * 2 ** level, width]));
  return [{ size, ...(rule ?? { channelMultiplier: 2, maxChannels: OFFICIAL_MOST, channels, narrow: 1 }) }];
}
