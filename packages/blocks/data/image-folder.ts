import { Type, type Static } from '@sinclair/typebox';
import { CONTENT, LOG, pathOption, UserError, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { findImages, readList, type Listed } from './find-images.ts';
import { fingerprint } from './fingerprint.ts';
import { folderOptions, FolderSource, type Layout } from './folder-source.ts';
import { SourceDataset } from './source.ts';

const Options = Type.Object({
  root: pathOption({ description: 'folder of png, jpg and webp images, nested folders included', [CONTENT]: true }),
  list: Type.Optional(
    pathOption({
      description: 'text file that names the images to use, as paths below `root`, one a line',
      [CONTENT]: true,
    }),
  ),
  ...folderOptions,
});

type ImageFolderOptions = Static<typeof Options>;

/** All photographs in a folder, or those that a list names. They are called by their paths. */
@datasets.component({
  type: 'image-folder',
  description: 'images in a folder',
  options: Options,
  inject: [LOG],
  content: (options) => fingerprint(options.root, layoutOf(options)),
})
export class ImageFolder extends SourceDataset {
  constructor(options: ImageFolderOptions, log: Log) {
    super(new FolderSource(options, layoutOf(options), log), options);
  }
}

function layoutOf(options: ImageFolderOptions): Layout {
  return { find: () => find(options), name: (path) => path };
}

function find({ root, list }: ImageFolderOptions): Listed {
  if (list !== undefined) return readList(root, list);
  const paths = findImages(root);
  if (paths.length === 0) throw new UserError(`The folder ${root} has no png, jpg or webp images.`);
  return { paths, warnings: [] };
}
