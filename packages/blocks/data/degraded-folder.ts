import { Type, type Static } from '@sinclair/typebox';
import { LOG, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { fingerprint } from './files/fingerprint.ts';
import { folderFacts, folderOptions, FolderSource } from './sources/folder-source.ts';
import { layoutOf, listedFacts, listedOptions } from './sources/listed-folder.ts';
import { SourceDataset } from './sources/source.ts';
import type { Image } from '../images/image.ts';

const { size, minimumSide, limit } = folderOptions;

const Options = Type.Object({ ...listedOptions, size, minimumSide, limit });

/** None is held out, and nothing is drawn. */
const FIXED = { holdOut: 0, seed: 0 };

/** Photographs that came degraded, in a folder: without sharp ones, so that they can be restored and looked at, but not trained on. */
@datasets.component({
  type: 'degraded-folder',
  description: 'degraded photographs without sharp counterparts, to be restored',
  options: Options,
  inject: [LOG],
  about: (options) => ({
    ...folderFacts({ ...options, ...FIXED }),
    ...listedFacts(options),
    has: 'degraded',
  }),
  content: (options) => fingerprint(options.root, layoutOf(options)),
})
export class DegradedFolder extends SourceDataset {
  constructor(options: Static<typeof Options>, log: Log) {
    const all = { ...options, ...FIXED };
    super(new DegradedFolderSource(all, layoutOf(options), log), all);
  }
}

/** The images of a folder, as degraded ones. */
class DegradedFolderSource extends FolderSource {
  readonly hasSharp = false;

  readDegraded(index: number): Promise<Image> {
    return this.read(index);
  }
}
