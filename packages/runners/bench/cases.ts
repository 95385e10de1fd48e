import { UserError, type ComponentSpec, type SpecWithOptions } from '@dualprior/core';
import { createBenched, isMadeForOneSize, isSet, missingOptions, missingText, networkTypes } from './network.ts';

export type Mode = 'train' | 'inference';

/** One thing that is timed: a training step or an inference. */
export interface BenchCase {
  /** E.g. `nafnet train 2x128x128`. */
  readonly name: string;
  readonly network: SpecWithOptions;
  readonly mode: Mode;
  /** Batch, height, width, channels. */
  readonly shape: readonly [number, number, number, number];
  readonly optimizer: ComponentSpec;
}

export interface Wanted {
  /** Type name; all networks without it. */
  readonly network?: string | undefined;
  /** `option=value` of the network. */
  readonly set?: readonly string[];
  /** Image sides in pixels; else those of `SIZES`. */
  readonly sizes?: readonly number[] | undefined;
  readonly batch?: number;
  readonly modes?: readonly Mode[];
}

/** The image side that a network is timed at unless others are asked for. */
const SIDE = 64;

/** Networks that are timed at others. */
const SIZES: Readonly<Record<string, readonly number[]>> = { nafnet: [64, 128] };

/** More pixels than this in a batch fit no machine that a bench makes sense on. */
const MOST_PIXELS = 2 ** 26;

/** Options of networks that are large by default, unless others are asked for. A network that is not here has its defaults. */
const OPTIONS: Readonly<Record<string, object>> = {
  gfpgan: { maxChannels: 128 },
  gpen: { maxChannels: 128 },
  'stylegan2-generator': { maxChannels: 128 },
  'stylegan2-discriminator': { maxChannels: 128 },
  'inversion-encoder': {
    resolution: 8,
    featureChannels: 128,
    latents: 4,
    styleWidth: 128,
    filterMin: 32,
    filterMax: 128,
  },
  'psp-encoder': { styles: 4, styleWidth: 128, width: 16 },
};

/** What there is to time. Errors: `UserError` for a network, option, size or batch that cannot be. */
export function benchCases(wanted: Wanted): BenchCase[] {
  const { network, set = [] } = wanted;
  if (network !== undefined) return casesOf(network, wanted);
  if (set.length > 0) throw new UserError('--set is about one network: name it with --network.');
  return networkTypes()
    .filter((type) => missing(type).length === 0)
    .flatMap((type) => casesOf(type, wanted));
}

/** For a user who wants all networks: which of them are left out, as they need an option. */
export function leftOut(): string[] {
  return networkTypes().flatMap((type) => (missing(type).length > 0 ? [missingText(type, missing(type))] : []));
}

function missing(type: string) {
  return missingOptions(optionsOf(type, [], 0), []);
}

function optionsOf(type: string, set: readonly string[], side: number) {
  const options = Object.entries({ ...OPTIONS[type], ...(isMadeForOneSize(type) && { size: side }) });
  return { type, ...Object.fromEntries(options.filter(([name]) => !isSet(name, set))) };
}

function casesOf(
  type: string,
  { set = [], sizes, batch = 2, modes = ['train', 'inference'] }: Omit<Wanted, 'network'>,
): BenchCase[] {
  return (sizes ?? SIZES[type] ?? [undefined]).flatMap((wanted) => {
    const { spec, module, optimizerSpec } = createBenched(optionsOf(type, set, wanted ?? SIDE), set);
    const only = isMadeForOneSize(type) ? Number(spec['size']) : undefined;
    const { multiple = 1 } = module as { readonly multiple?: number };
    const side = wanted ?? only ?? Math.max(multiple, SIDE);
    if (only !== undefined && side !== only) {
      throw new UserError(
        `${type} is made for images of ${only}x${only} (--set size=${only}), but --size is ${side}. Leave one out.`,
      );
    }
    checkSize(type, multiple, side, batch);
    const channels = typeof spec['imageChannels'] === 'number' ? spec['imageChannels'] : 3;
    return modes.map((mode): BenchCase => ({
      name: `${type} ${mode} ${batch}x${side}x${side}`,
      network: spec,
      mode,
      shape: [batch, side, side, channels],
      optimizer: optimizerSpec,
    }));
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
