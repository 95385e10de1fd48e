import { Type, type Static } from '@sinclair/typebox';
import { CONTENT, LOG, pathOption, UserError, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { fingerprint } from './files/fingerprint.ts';
import { folderFacts, folderOptions, folderPart, FolderSource, type Layout } from './sources/folder-source.ts';
import { listedNumbers, numberedImages, numberName, type Numbering } from './files/numbered-images.ts';
import { SourceDataset } from './sources/source.ts';

const CELEBA_HQ: Numbering = {
  title: 'CelebA-HQ',
  count: 30_000,
  pattern: /^(?:imgHQ)?(\d{1,6})$/,
  example: (name) => `${Number(name)}.jpg or imgHQ${name}.png`,
};

const TEST_IMAGES = 3000;

const Options = Type.Object({
  root: pathOption({
    description:
      'folder of 0.jpg to 29999.jpg (CelebAMask-HQ) or imgHQ00000.png to imgHQ29999.png, or in another format',
    [CONTENT]: true,
  }),
  split: Type.Union([Type.Literal('all'), Type.Literal('training'), Type.Literal('test')], {
    default: 'all',
    description: 'all 30,000 images, the test images, or the others',
  }),
  test: Type.Optional(
    Type.Union([Type.Literal('last'), Type.Literal('first')], {
      description:
        'which 3,000 images are the test set, by their numbers; default `last`, as FFHQ too ends with what is not for training ' +
        '(CelebA-HQ has no official division)',
    }),
  ),
  list: Type.Optional(
    pathOption({
      description: 'instead of `test`: text file of the test images, one per line (27.jpg)',
      [CONTENT]: true,
    }),
  ),
  incomplete: Type.Boolean({ default: false, description: 'accept that images of the split are missing' }),
  ...folderOptions,
});

type CelebaHqOptions = Static<typeof Options>;

/**
 * CelebA-HQ, by the numbers of its own list (Karras et al., 2018) that CelebAMask-HQ has as well.
 * Images are called by them, `00123`, so that neither layout nor format changes a degradation.
 */
@datasets.component({
  type: 'celeba-hq',
  description: 'CelebA-HQ: 30,000 faces',
  options: Options,
  inject: [LOG],
  about: ({ split, test, list, ...options }) => ({
    ...folderFacts(options),
    files: [options.root, ...(list === undefined ? [] : [list])],
    source: { root: options.root, list, test },
    split: split === 'all' ? undefined : split,
  }),
  content: (options) => fingerprint(options.root, layoutOf(options)),
  part: folderPart,
})
export class CelebaHq extends SourceDataset {
  constructor(options: CelebaHqOptions, log: Log) {
    refuseUnused(options);
    super(new FolderSource(options, layoutOf(options), log), options);
  }
}

function layoutOf(options: CelebaHqOptions): Layout {
  const find = () => numberedImages(options.root, CELEBA_HQ, partOf(options), options.incomplete);
  const { root, split, test, list, incomplete } = options;
  const key = JSON.stringify(['celeba-hq', root, split, test, list, incomplete]);
  return { key, find, name: (path) => numberName(CELEBA_HQ, path) };
}

function refuseUnused({ split, test, list }: CelebaHqOptions): void {
  if (test !== undefined && list !== undefined) {
    throw new UserError('celeba-hq: `test` and `list` both say which images are the test set; leave one out.');
  }
  if (split === 'all' && (test ?? list) !== undefined) {
    const option = test === undefined ? 'list' : 'test';
    throw new UserError(
      `celeba-hq: \`${option}\` says which images are the test set, but all are taken; say \`split: test\` or \`split: training\`.`,
    );
  }
}

function partOf({ split, test, list }: CelebaHqOptions): (number: number) => boolean {
  if (split === 'all') return () => true;
  const isTest = testsOf(test, list);
  return split === 'test' ? isTest : (number) => !isTest(number);
}

function testsOf(test: CelebaHqOptions['test'], list: string | undefined): (number: number) => boolean {
  if (list !== undefined) {
    const numbers = listedNumbers(list, CELEBA_HQ);
    return (number) => numbers.has(number);
  }
  return test === 'first' ? (number) => number < TEST_IMAGES : (number) => number >= CELEBA_HQ.count - TEST_IMAGES;
}
