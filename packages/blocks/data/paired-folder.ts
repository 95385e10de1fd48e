import { existsSync } from 'node:fs';
import { Type, type Static } from '@sinclair/typebox';
import { CONTENT, LOG, pathOption, UserError, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { findImages, unusedFiles } from './files/find-images.ts';
import { pairsFingerprint } from './files/fingerprint.ts';
import { HandedOver } from './files/handed-over.ts';
import { DECODED } from './files/inspect.ts';
import { folderOptions, folderPart } from './sources/folder-source.ts';
import { listedPairs } from './sources/pair-list.ts';
import { PairedSource } from './sources/paired-source.ts';
import { EQUAL_NAMES, firstNames, matchImages, type Matched, type PairOfFiles } from './sources/pairing.ts';
import { SourceDataset, sourceFacts } from './sources/source.ts';

const { degradation: _made, ...usedOptions } = folderOptions;

const Options = Type.Object({
  sharp: pathOption({ description: 'folder of the sharp images, nested folders included', [CONTENT]: true }),
  degraded: pathOption({
    description: 'folder of the degraded images; may be the same one if `pattern` or `list` distinguishes them',
    [CONTENT]: true,
  }),
  pattern: Type.Optional(
    Type.Object(
      {
        sharp: Type.String({ minLength: 1, description: 'of the sharp images, e.g. `*/gt/gt_*`' }),
        degraded: Type.String({ minLength: 1, description: 'of the degraded ones, e.g. `*/blur/blur_*`' }),
      },
      {
        additionalProperties: false,
        description:
          'paths without extensions: `*` matches a part of a name that is equal in both, `**` also folders; default: pairs have equal paths',
      },
    ),
  ),
  list: Type.Optional(
    pathOption({
      description:
        'instead of `pattern`: text file of the pairs to use, one `SHARP DEGRADED` per line, as paths below the folders',
      [CONTENT]: true,
    }),
  ),
  incomplete: Type.Boolean({ default: false, description: 'leave out images without a counterpart' }),
  ...usedOptions,
});

type PairedFolderOptions = Static<typeof Options>;

/** Pairs of photographs in two folders, or in one. Crops, flips and turns are the same in both. Pairs are called by the paths of the sharp images. */
@datasets.component({
  type: 'paired-folder',
  description: 'pairs of a sharp and a degraded image in two folders, or in one',
  options: Options,
  inject: [LOG],
  about: ({ sharp, degraded, pattern, list, size, ...options }) => ({
    files: [sharp, degraded, ...(list === undefined ? [] : [list])],
    source: { sharp, degraded, pattern, list },
    size,
    has: 'pairs',
    ...sourceFacts(options),
  }),
  content: (options) => pairsFingerprint(options, findAhead(options)),
  part: folderPart,
})
export class PairedFolder extends SourceDataset {
  constructor(options: PairedFolderOptions, log: Log) {
    const { pattern, list } = options;
    if (pattern && list !== undefined) {
      throw new UserError('paired-folder: `pattern` and `list` both say which images are pairs; leave one out.');
    }
    super(
      new PairedSource(
        options,
        () => find(options, log),
        () => checkList(options),
        log,
      ),
      options,
    );
  }
}

function checkList({ sharp, degraded, list }: PairedFolderOptions): void {
  if (list !== undefined && existsSync(sharp) && existsSync(degraded)) listedPairs(list, { sharp, degraded });
}

/** Pairs that were found, and what is said of them. */
interface FoundPairs {
  readonly pairs: readonly PairOfFiles[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

const ahead = new HandedOver<FoundPairs>();

/** For the fingerprint: what is found of large folders is kept for the data set. */
function findAhead(options: PairedFolderOptions): readonly PairOfFiles[] {
  const found = look(options);
  if (2 * found.pairs.length > DECODED) ahead.keep(keyOf(options), found);
  return found.pairs;
}

function find(options: PairedFolderOptions, log: Log): readonly PairOfFiles[] {
  const { pairs, warnings, notes } = ahead.take(keyOf(options)) ?? look(options);
  warnings.forEach((line) => log.warn(line));
  notes.forEach((line) => log.info(`  ${line}`));
  return pairs;
}

function keyOf({ sharp, degraded, pattern, list, incomplete }: PairedFolderOptions): string {
  return JSON.stringify([sharp, degraded, pattern, list, incomplete]);
}

/** Errors: images that have no other one, unless `incomplete`; no pair. */
function look(options: PairedFolderOptions): FoundPairs {
  const { sharp, degraded, pattern = EQUAL_NAMES, list } = options;
  if (list !== undefined) return { ...listedPairs(list, options), notes: [] };
  const ours = findImages(sharp);
  const theirs = degraded === sharp ? ours : findImages(degraded);
  const matched = matchImages(ours.images, theirs.images, pattern);
  const others = new Map([
    [sharp, ours.others],
    [degraded, theirs.others],
  ]);
  const unused = [...others].map(([root, files]) => unusedFiles(root, files));
  return {
    pairs: matched.pairs,
    warnings: [...alone(matched, options), ...unused.flatMap(({ warnings }) => warnings)],
    notes: unused.flatMap(({ notes }) => notes),
  };
}

/** A warning of the images that have no other one. Errors: there are some, unless `incomplete`; there is no pair. */
function alone({ pairs, unmatched, others }: Matched, options: PairedFolderOptions): string[] {
  const { sharp, degraded, pattern, incomplete } = options;
  const sides = [
    [sharp, 'sharp', unmatched.sharp],
    [degraded, 'degraded', unmatched.degraded],
  ] as const;
  const lines = sides
    .filter(([, , names]) => names.length > 0)
    .map(([folder, which, names]) => `  ${names.length} ${which} in ${folder}: ${firstNames(names)}`);
  const remedy = pattern
    ? 'Correct `pattern`'
    : 'Names must be equal but for their endings; else say with `pattern` or `list` which belong together';
  if (pairs.length === 0) {
    const unlike = sides.map(
      ([folder, which]) => `\n  ${others[which].length} in ${folder} do not match "${(pattern ?? EQUAL_NAMES)[which]}"`,
    );
    throw new UserError(
      `paired-folder finds no pair in ${sharp} and ${degraded}.${lines.map((line) => `\n${line}`).join('')}${pattern ? unlike.join('') : ''}\n  ${remedy}.`,
    );
  }
  if (lines.length === 0) return [];
  const found = `${pairs.length} pairs, but these images have no other one:\n${lines.join('\n')}`;
  if (!incomplete) throw new UserError(`${found}\n  ${remedy}, or go without them by \`incomplete: true\`.`);
  return [found];
}
