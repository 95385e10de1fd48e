import { UserError, type ComponentSpec } from '@dualprior/core';
import { createBenched, restorerTypes } from './network.ts';

export type Mode = 'train' | 'inference';

/** One thing that is timed: a training step or a restoration. */
export interface BenchCase {
  /** E.g. `nafnet train 2x128x128`. */
  readonly name: string;
  readonly network: ComponentSpec;
  readonly mode: Mode;
  /** Batch, height, width, channels. */
  readonly shape: readonly [number, number, number, number];
  readonly optimizer: ComponentSpec;
}

export interface Wanted {
  /** Type name; all restorers without it. */
  readonly network?: string | undefined;
  /** `option=value` of the network. */
  readonly set?: readonly string[];
  /** Image sides in pixels; else those of `SIZES`. */
  readonly sizes?: readonly number[] | undefined;
  readonly batch?: number;
  readonly modes?: readonly Mode[];
}

/** Image sides that a network is timed at unless others are asked for. A network that is not here is timed at 64. */
const SIZES: Readonly<Record<string, readonly number[]>> = { nafnet: [64, 128] };

/** More pixels than this in a batch fit no machine that a bench makes sense on. */
const MOST_PIXELS = 2 ** 26;

/** What there is to time. Errors: `UserError` for a network, option, size or batch that cannot be. */
export function benchCases({
  network,
  set = [],
  sizes,
  batch = 2,
  modes = ['train', 'inference'],
}: Wanted): BenchCase[] {
  if (network === undefined && set.length > 0)
    throw new UserError('--set is about one network: name it with --network.');
  const names = network === undefined ? restorerTypes() : [network];
  return names.flatMap((type) => {
    const { spec, module, optimizerSpec } = createBenched({ type }, set);
    const sides = sizes ?? (SIZES[type] ?? [64]).map((side) => Math.max(module.multiple, side));
    for (const side of sides) checkSize(type, module.multiple, side, batch);
    const channels = typeof spec['imageChannels'] === 'number' ? spec['imageChannels'] : 3;
    return modes.flatMap((mode) =>
      sides.map((side): BenchCase => ({
        name: `${type} ${mode} ${batch}x${side}x${side}`,
        network: spec,
        mode,
        shape: [batch, side, side, channels],
        optimizer: optimizerSpec,
      })),
    );
  });
}

function checkSize(type: string, multiple: number, side: number, batch: number): void {
  if (side % multiple !== 0) {
    const near = Math.max(multiple, side - (side % multiple));
    throw new UserError(
      `${type} takes images whose sides are multiples of ${multiple}, but --size is ${side}. Give one that is, e.g. ${near}.`,
    );
  }
  if (batch * side * side > MOST_PIXELS) {
    throw new UserError(
      `A batch of ${batch} images of ${side}x${side} has ${(batch * side * side).toExponential(1)} pixels; at most ${MOST_PIXELS} are timed. ` +
        'Give a smaller --size or --batch.',
    );
  }
}
