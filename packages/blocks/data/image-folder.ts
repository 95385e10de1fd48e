import { Type, type Static } from '@sinclair/typebox';
import { CONTENT, LOG, pathOption, UserError, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { findImages, readList, unusedFiles, type Listed } from './files/find-images.ts';
import { fingerprint } from './files/fingerprint.ts';
import { countEndings, IMAGE_ENDINGS } from './files/formats.ts';
import { folderFacts, folderOptions, folderPart, FolderSource, type Layout } from './sources/folder-source.ts';
import { SourceDataset } from './sources/source.ts';

const Options = Type.Object({
  root: pathOption({
    description: 'folder of images (png, jpg, webp, tiff, gif, avif), nested folders included',
    [CONTENT]: true,
  }),
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
  about: ({ list, ...options }) => ({
    ...folderFacts(options),
    files: [options.root, ...(list === undefined ? [] : [list])],
    source: { root: options.root, list },
  }),
  content: (options) => fingerprint(options.root, layoutOf(options)),
  part: folderPart,
})
export class ImageFolder extends SourceDataset {
  constructor(options: ImageFolderOptions, log: Log) {
    super(new FolderSource(options, layoutOf(options), log), options);
  }
}

/** The images of a folder, or those that a list names. */
export function layoutOf(options: Pick<ImageFolderOptions, 'root' | 'list'>): Layout {
  return { find: () => find(options), name: (path) => path };
}

function find({ root, list }: Pick<ImageFolderOptions, 'root' | 'list'>): Listed {
  if (list !== undefined) return readList(root, list);
  const { images, others } = findImages(root);
  if (images.length === 0) {
    const found = others.length > 0 ? `; it has ${countEndings(others)}` : '';
    throw new UserError(`The folder ${root} has no images (${IMAGE_ENDINGS.join(', ')})${found}.`);
  }
  return { paths: images, ...unusedFiles(root, others) };
}
