import { Type, type Static } from '@sinclair/typebox';
import { CONTENT, LOG, pathOption, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { fingerprint } from './files/fingerprint.ts';
import { folderFacts, folderOptions, folderPart, FolderSource, type Layout } from './sources/folder-source.ts';
import { numberedImages, numberName, type Numbering } from './files/numbered-images.ts';
import { SourceDataset } from './sources/source.ts';

const FFHQ: Numbering = {
  title: 'FFHQ',
  count: 70_000,
  pattern: /^(?:img)?(\d{5,8})$/,
  example: (name) => `${name}.png`,
};

/** The images of the category `training` in ffhq-dataset-v2.json. */
const TRAINING = 60_000;

const SPLITS = {
  all: () => true,
  training: (number: number) => number < TRAINING,
  validation: (number: number) => number >= TRAINING,
};

const Options = Type.Object({
  root: pathOption({
    description:
      "FFHQ's `images1024x1024`, or a copy of it in another size: 00000/00000.png to 69000/69999.png, or all in one folder",
    [CONTENT]: true,
  }),
  split: Type.Union([Type.Literal('all'), Type.Literal('training'), Type.Literal('validation')], {
    default: 'all',
    description: 'all 70,000 images, the official 60,000 for training (the first), or the 10,000 for validation',
  }),
  incomplete: Type.Boolean({ default: false, description: 'accept that images of the split are missing' }),
  ...folderOptions,
});

type FfhqOptions = Static<typeof Options>;

/**
 * FFHQ in the layout of NVlabs/ffhq-dataset (also with the names that StyleGAN2-ADA's dataset tool gives, img00000123.png).
 * Images are called by their numbers, `00123`, so that neither layout nor format changes a degradation.
 */
@datasets.component({
  type: 'ffhq',
  description: 'FFHQ: 70,000 faces',
  options: Options,
  inject: [LOG],
  about: ({ split, ...options }) => ({
    ...folderFacts(options),
    source: { root: options.root },
    split: split === 'all' ? undefined : split,
  }),
  content: (options) => fingerprint(options.root, layoutOf(options)),
  part: folderPart,
})
export class Ffhq extends SourceDataset {
  constructor(options: FfhqOptions, log: Log) {
    super(new FolderSource(options, layoutOf(options), log), options);
  }
}

function layoutOf({ root, split, incomplete }: FfhqOptions): Layout {
  const find = () => numberedImages(root, FFHQ, SPLITS[split], incomplete);
  return { key: JSON.stringify(['ffhq', root, split, incomplete]), find, name: (path) => numberName(FFHQ, path) };
}
