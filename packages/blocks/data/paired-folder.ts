import { Type, type Static } from '@sinclair/typebox';
import { CONTENT, LOG, pathOption, UserError, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { findImages, unusedFiles } from './files/find-images.ts';
import { pairsFingerprint } from './files/fingerprint.ts';
import { folderOptions, folderPart } from './sources/folder-source.ts';
import { listedPairs } from './sources/pair-list.ts';
import { PairedSource } from './sources/paired-source.ts';
import { EQUAL_NAMES, firstNames, matchImages, type Matched, type PairOfFiles } from './sources/pairing.ts';
import { SourceDataset, sourceFacts } from './sources/source.ts';

const { degradation: _made, ...usedOptions } = folderOptions;

const Options = Type.Object({
  sharp: pathOption({ description: 'folder of the sharp images, nested folders included', [CONTENT]: true }),
  degraded: pathOption({
    description: 'folder of the degraded images; the same one where `pattern` or `list` tells them apart',
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
          'paths without their endings: `*` stands for a part of a name that is equal in both, `**` also for folders; without it, pairs have equal paths',
      },
    ),
  ),
  list: Type.Optional(
    pathOption({
      description:
        'instead of `pattern`: text file of the pairs to use, `SHARP DEGRADED` a line, as paths below the folders',
      [CONTENT]: true,
    }),
  ),
  incomplete: Type.Boolean({ default: false, description: 'go without the images that have no other one' }),
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
  content: (options) => pairsFingerprint(options, find(options)),
  part: folderPart,
})
export class PairedFolder extends SourceDataset {
  constructor(options: PairedFolderOptions, log: Log) {
    const { pattern, list } = options;
    if (pattern && list !== undefined) {
      throw new UserError('paired-folder: `pattern` and `list` both say which images are pairs; leave one out.');
    }
    super(new PairedSource(options, () => find(options, log), log), options);
  }
}

const SILENT: Log = { info: () => {}, warn: () => {} };

/** Errors: images that have no other one, unless `incomplete`; no pair. */
function find(options: PairedFolderOptions, log: Log = SILENT): readonly PairOfFiles[] {
  const { sharp, degraded, pattern = EQUAL_NAMES, list } = options;
  if (list !== undefined) return listedPairs(list, options, (line) => log.warn(line));
  const ours = findImages(sharp);
  const theirs = degraded === sharp ? ours : findImages(degraded);
  const matched = matchImages(ours.images, theirs.images, pattern);
  report(matched, options, log);
  for (const [root, { others }] of new Map([
    [sharp, ours],
    [degraded, theirs],
  ])) {
    const { warnings, notes } = unusedFiles(root, others);
    warnings.forEach((line) => log.warn(line));
    notes.forEach((line) => log.info(`  ${line}`));
  }
  return matched.pairs;
}

function report({ pairs, unmatched, others }: Matched, options: PairedFolderOptions, log: Log): void {
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
  if (lines.length === 0) return;
  const found = `${pairs.length} pairs, but these images have no other one:\n${lines.join('\n')}`;
  if (!incomplete) throw new UserError(`${found}\n  ${remedy}, or go without them by \`incomplete: true\`.`);
  log.warn(found);
}
