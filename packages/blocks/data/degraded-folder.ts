import { Type, type Static } from '@sinclair/typebox';
import { LOG, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { fingerprint } from './files/fingerprint.ts';
import { folderFacts, folderOptions, FolderSource } from './sources/folder-source.ts';
import { layoutOf, listedFacts, listedOptions } from './sources/listed-folder.ts';
import { SourceDataset, type ImageSource } from './sources/source.ts';

const { size, minimumSide, limit } = folderOptions;

const Options = Type.Object({ ...listedOptions, size, minimumSide, limit });

/** None is held out, and nothing is drawn. */
const FIXED = { holdOut: 0, seed: 0 };

/** Photographs that came degraded, in a folder: without sharp ones, so that they can be restored and looked at, but not trained on. */
@datasets.component({
  type: 'degraded-folder',
  description: 'degraded photographs without sharp ones, to be restored',
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
    super(asDegraded(new FolderSource(all, layoutOf(options), log)), all);
  }
}

/** The images of a folder, as degraded ones. */
function asDegraded(folder: FolderSource): ImageSource {
  return {
    get count() {
      return folder.count;
    },
    label: folder.label,
    hasSharp: false,
    name: (index) => folder.name(index),
    size: (index) => folder.size(index),
    file: (index) => folder.file(index),
    read: (index) => folder.read(index),
    readDegraded: (index) => folder.read(index),
    prepare: (found) => folder.prepare(found),
  };
}
