import { Type, type Static } from '@sinclair/typebox';
import { LOG, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { fingerprint } from './files/fingerprint.ts';
import { folderFacts, folderOptions, folderPart, FolderSource } from './sources/folder-source.ts';
import { layoutOf, listedFacts, listedOptions } from './sources/listed-folder.ts';
import { SourceDataset } from './sources/source.ts';

const Options = Type.Object({ ...listedOptions, ...folderOptions });

/** All photographs in a folder, or those that a list names. They are called by their paths. */
@datasets.component({
  type: 'image-folder',
  description: 'images in a folder',
  options: Options,
  inject: [LOG],
  about: (options) => ({ ...folderFacts(options), ...listedFacts(options) }),
  content: (options) => fingerprint(options.root, layoutOf(options)),
  part: folderPart,
})
export class ImageFolder extends SourceDataset {
  constructor(options: Static<typeof Options>, log: Log) {
    super(new FolderSource(options, layoutOf(options), log), options);
  }
}
