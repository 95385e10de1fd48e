import { existsSync } from 'node:fs';
import { CONTENT, pathOption, UserError } from '@dualprior/core';
import { Type, type Static, type TObject } from '@sinclair/typebox';
import { findImages, readList, unusedFiles, type Listed } from '../files/find-images.ts';
import { countEndings, IMAGE_ENDINGS } from '../files/formats.ts';
import type { Layout } from './folder-source.ts';

/** Options that say which images of a folder a data set consists of. */
export const listedOptions = {
  root: pathOption({
    description: 'folder of images (png, jpg, webp, tiff, gif, avif), nested folders included',
    [CONTENT]: true,
  }),
  list: Type.Optional(
    pathOption({
      description: 'text file of the images to use, as paths below `root`, one per line',
      [CONTENT]: true,
    }),
  ),
};

type ListedOptions = Static<TObject<typeof listedOptions>>;

/** What these options say (`OwnImages`). */
export function listedFacts({ root, list }: ListedOptions) {
  return { files: [root, ...(list === undefined ? [] : [list])], source: { root, list } };
}

/** The images of a folder, or those that a list names. They are called by their paths. */
export function layoutOf(options: ListedOptions): Layout {
  const { root, list } = options;
  return {
    key: JSON.stringify([root, list]),
    find: () => find(options),
    name: (path) => path,
    checkList: () => {
      if (list !== undefined && existsSync(root)) readList(root, list);
    },
  };
}

function find({ root, list }: ListedOptions): Listed {
  if (list !== undefined) return readList(root, list);
  const { images, others } = findImages(root);
  if (images.length === 0) {
    const found = others.length > 0 ? `; it has ${countEndings(others)}` : '';
    throw new UserError(`The folder ${root} has no images (${IMAGE_ENDINGS.join(', ')})${found}.`);
  }
  return { paths: images, ...unusedFiles(root, others) };
}
