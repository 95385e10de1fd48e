import { join } from 'node:path';
import { imageFile, isThere } from '../../evaluation/evaluate.ts';
import { INPUT } from '../../evaluation/results.ts';

/** One test image: files of it, by what they show. */
export interface Picture {
  /** Name of the image in its data set. */
  readonly name: string;
  readonly sharp: string | undefined;
  /** The degraded image and the methods' results, by row of the table. */
  readonly rows: ReadonlyMap<string, string>;
  /** Images on the way to a method's result: method -> name of the view -> file. */
  readonly views: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Folder of the sharp test images that are kept, in a run directory. */
export function sharpFolder(directory: string): string {
  return join(directory, 'figures', 'sharp');
}

/** Folder of one view of a method. */
export function viewFolder(directory: string, method: string, view: string): string {
  return join(directory, 'evaluation', method, 'views', view);
}

/** The pictures that a run directory holds. `rows`: labels of the table, `views`: names of the views by method. */
export function findPictures(
  directory: string,
  names: readonly string[],
  rows: readonly string[],
  views: ReadonlyMap<string, readonly string[]>,
): Picture[] {
  const pictures: Picture[] = [];
  for (const [index, name] of names.entries()) {
    const found = (folder: string) => {
      const file = imageFile(folder, index);
      return isThere(file) ? file : undefined;
    };
    const ofRows = present(rows.map((row) => [row, found(join(directory, 'evaluation', row))]));
    if (!ofRows.has(INPUT)) break;
    const ofViews = [...views].map(
      ([method, labels]) =>
        [method, present(labels.map((view) => [view, found(viewFolder(directory, method, view))]))] as const,
    );
    pictures.push({ name, sharp: found(sharpFolder(directory)), rows: ofRows, views: new Map(ofViews) });
  }
  return pictures;
}

function present(entries: readonly (readonly [string, string | undefined])[]): Map<string, string> {
  return new Map(entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}
