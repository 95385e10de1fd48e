import { Type, type Static } from '@sinclair/typebox';
import { LOG, pathOption, UserError, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { findImages, readList, type Listed } from './find-images.ts';
import { folderOptions, FolderSource } from './folder-source.ts';
import { SourceDataset } from './source.ts';

const Options = Type.Object({
  root: pathOption({ description: 'folder of png, jpg and webp images, nested folders included' }),
  list: Type.Optional(
    pathOption({ description: 'text file that names the images to use, as paths below `root`, one a line' }),
  ),
  ...folderOptions,
});

/** All photographs in a folder, or those that a list names. They are called by their paths. */
@datasets.component({ type: 'image-folder', description: 'images in a folder', options: Options, inject: [LOG] })
export class ImageFolder extends SourceDataset {
  constructor(options: Static<typeof Options>, log: Log) {
    super(new FolderSource(options, { find: () => find(options), name: (path) => path }, log), options);
  }
}

function find({ root, list }: Static<typeof Options>): Listed {
  if (list !== undefined) return readList(root, list);
  const paths = findImages(root);
  if (paths.length === 0) throw new UserError(`The folder ${root} has no png, jpg or webp images.`);
  return { paths, warnings: [] };
}
