import { join } from 'node:path';
import type { Static, TObject } from '@sinclair/typebox';
import { counted, UserError, type Log } from '@dualprior/core';
import type { Image, Size } from '../../images/image.ts';
import { readImage } from '../files/read-image.ts';
import type { folderOptions } from './folder-source.ts';
import { AT_ONCE, DECODED } from '../files/inspect.ts';
import { look, type Corrupt, type Looked } from '../files/look.ts';
import { firstNames, type PairOfFiles } from './pairing.ts';
import type { ImageSource, PairOptions } from './source.ts';
import { refuseTooMany, UnreadableImage } from '../files/unreadable.ts';

/** The two folders, and how images are used. */
type PairedOptions = PairOptions &
  Pick<Static<TObject<typeof folderOptions>>, 'size' | 'minimumSide'> & {
    readonly sharp: string;
    readonly degraded: string;
  };

/** A pair with what is known of it. */
interface FoundPair extends PairOfFiles {
  /** Undefined where one of its files cannot be read. */
  readonly size?: Size;
  /** The file that cannot be read, and why. */
  readonly corrupt?: { readonly file: string; readonly reason: string };
}

/** Pairs of photographs, each of two files. They are called by the paths of the sharp ones. */
export class PairedSource implements ImageSource {
  #pairs: readonly FoundPair[] = [];

  constructor(
    readonly options: PairedOptions,
    /** The pairs, as their names say. Errors: some have no other one. */
    readonly find: () => readonly PairOfFiles[],
    /** As that of `Dataset`. */
    readonly checkList: () => void,
    readonly log: Log,
  ) {}

  get count(): number {
    return this.#pairs.length;
  }

  get label(): string {
    return this.options.sharp;
  }

  name(index: number): string {
    return this.#pairs[index]!.sharp;
  }

  size(index: number): Size | undefined {
    const { size } = this.options;
    const own = this.#pairs[index]!.size;
    return own && size !== undefined ? { width: size, height: size } : own;
  }

  file(index: number): string {
    return join(this.options.sharp, this.#pairs[index]!.sharp);
  }

  read(index: number): Promise<Image> {
    return this.#read(index, this.file(index));
  }

  degradedFile(index: number): string {
    return join(this.options.degraded, this.#pairs[index]!.degraded);
  }

  readDegraded(index: number): Promise<Image> {
    return this.#read(index, this.degradedFile(index));
  }

  async prepare(found?: unknown): Promise<readonly FoundPair[]> {
    return (this.#pairs = (found as readonly FoundPair[] | undefined) ?? (await this.#find()));
  }

  async #read(index: number, file: string): Promise<Image> {
    const { corrupt } = this.#pairs[index]!;
    if (corrupt) throw new UnreadableImage(corrupt.file, corrupt.reason, true);
    return readImage(file, this.options.size);
  }

  /**
   * Errors: pairs whose images differ in size, that are one file twice, or of which one has transparency; too many that cannot be read;
   * none that is left.
   */
  async #find(): Promise<readonly FoundPair[]> {
    const { sharp, degraded, limit = Infinity, minimumSide } = this.options;
    const pairs = this.find().slice(0, limit);
    const looked = await lookAtPairs(pairs, { sharp, degraded });
    const whole = looked.filter(isWhole);
    refuse(
      'Pairs that are one file twice',
      whole.filter(isOneFile),
      'Give `sharp` and `degraded` the folders of different images.',
    );
    refuse(
      'Pairs of different sizes',
      whole.filter(differsInSize),
      'Both images must show the same pixels: resize them, or leave them out by `list`.',
      sizesOf,
    );
    refuse(
      'Pairs with transparency in one image only',
      whole.filter(({ ours, theirs }) => ours.alpha !== theirs.alpha),
      'Save both without an alpha channel.',
      ({ ours }) => `in the ${ours.alpha ? 'sharp' : 'degraded'} one`,
    );
    const large = looked.filter((pair) => !isWhole(pair) || shortSide(pair.ours) >= minimumSide);
    const found = large.map((pair) => toFound(pair, { sharp, degraded }));
    this.#warn(found, looked.length - large.length);
    const corrupt = found.flatMap((pair) => (pair.corrupt ? [{ ...pair.corrupt, isKnown: true }] : []));
    if (corrupt.length === found.length) {
      throw new UserError(`None of the ${pairs.length} pairs in ${sharp} and ${degraded} can be used.`);
    }
    refuseTooMany(corrupt, found.length);
    return found;
  }

  #warn(found: readonly FoundPair[], tiny: number): void {
    for (const { corrupt } of found) if (corrupt) this.log.warn(`${corrupt.file} is skipped: ${corrupt.reason}`);
    if (tiny > 0) {
      const { sharp, minimumSide } = this.options;
      this.log.warn(
        `${tiny} pairs of ${sharp} are skipped: a side is shorter than \`minimumSide\`, ${minimumSide} pixels`,
      );
    }
  }
}

interface Folders {
  readonly sharp: string;
  readonly degraded: string;
}

/** A pair and what was found of its two files. */
interface LookedPair {
  readonly pair: PairOfFiles;
  readonly ours: Looked | Corrupt;
  readonly theirs: Looked | Corrupt;
}

type WholePair = LookedPair & { readonly ours: Looked; readonly theirs: Looked };

async function lookAtPairs(pairs: readonly PairOfFiles[], { sharp, degraded }: Folders): Promise<LookedPair[]> {
  const wholly = 2 * pairs.length <= DECODED;
  const looked: LookedPair[] = [];
  for (let start = 0; start < pairs.length; start += AT_ONCE) {
    const part = pairs.slice(start, start + AT_ONCE).map(async (pair): Promise<LookedPair> => {
      const files = [join(sharp, pair.sharp), join(degraded, pair.degraded)];
      const [ours, theirs] = await Promise.all(files.map((file) => look(file, wholly)));
      return { pair, ours: ours!, theirs: theirs! };
    });
    looked.push(...(await Promise.all(part)));
  }
  return looked;
}

function isWhole(pair: LookedPair): pair is WholePair {
  return !('corrupt' in pair.ours) && !('corrupt' in pair.theirs);
}

function isOneFile({ ours, theirs }: WholePair): boolean {
  return ours.identity === theirs.identity;
}

function differsInSize({ ours, theirs }: WholePair): boolean {
  return ours.width !== theirs.width || ours.height !== theirs.height;
}

function sizesOf({ ours, theirs }: WholePair): string {
  return `${ours.width}x${ours.height} and ${theirs.width}x${theirs.height}`;
}

function shortSide({ width, height }: Size): number {
  return Math.min(width, height);
}

function toFound({ pair, ours, theirs }: LookedPair, { sharp, degraded }: Folders): FoundPair {
  if ('corrupt' in ours) return { ...pair, corrupt: { file: join(sharp, pair.sharp), reason: ours.corrupt } };
  if ('corrupt' in theirs) return { ...pair, corrupt: { file: join(degraded, pair.degraded), reason: theirs.corrupt } };
  return { ...pair, size: { width: ours.width, height: ours.height } };
}

/** Errors: there are such pairs. */
function refuse(
  what: string,
  pairs: readonly WholePair[],
  remedy: string,
  detail: (pair: WholePair) => string = ({ pair }) => pair.degraded,
): void {
  if (pairs.length === 0) return;
  const shown = firstNames(pairs.map((each) => `${each.pair.sharp} (${detail(each)})`));
  throw new UserError(`${what}: ${counted(pairs.length, 'pair')}, ${shown}. ${remedy}`);
}
