import { join } from 'node:path';
import { look } from './look.ts';
import type { Size } from '../../images/image.ts';

export const AT_ONCE = 16;
const WARNINGS_SHOWN = 10;

/** Up to so many images are decoded wholly before a run, which finds every corrupt one; of larger folders only the headers are read. */
export const DECODED = 2000;

/** An image by its path below the folder, upright as its EXIF orientation says. */
interface UsableImage extends Size {
  readonly path: string;
  readonly grey: boolean;
}

/** An image that cannot be read, and why. It keeps its place, so that no other image changes its number. */
interface CorruptImage {
  readonly path: string;
  readonly corrupt: string;
}

export type FoundImage = UsableImage | CorruptImage;

interface Findings {
  readonly images: readonly FoundImage[];
  /** A line an image that cannot be read, one for each that is too small (beyond a few, their count), and one that says how many are grey. */
  readonly warnings: string[];
}

/** Looks at images before they are used, in order, until `limit` are found that are large enough. */
export async function inspect(
  root: string,
  paths: readonly string[],
  { minimumSide, limit = Infinity }: { minimumSide: number; limit?: number | undefined },
): Promise<Findings> {
  const images: FoundImage[] = [];
  const tiny: string[] = [];
  const wholly = Math.min(paths.length, limit) <= DECODED;
  for (let start = 0; start < paths.length && images.length < limit; start += AT_ONCE) {
    const part = paths.slice(start, start + AT_ONCE);
    const found = await Promise.all(part.map((path) => lookAt(root, path, wholly)));
    for (const image of found) {
      if ('corrupt' in image || Math.min(image.width, image.height) >= minimumSide) images.push(image);
      else tiny.push(tinyWarning(root, image, minimumSide));
    }
  }
  images.splice(limit);
  const corrupt = images.flatMap((image) =>
    'corrupt' in image ? [`${join(root, image.path)} is skipped: ${image.corrupt}`] : [],
  );
  const grey = images.flatMap((image) => ('grey' in image && image.grey ? [image.path] : []));
  return { images, warnings: [...corrupt, ...shortened(tiny, root), ...greyWarning(grey, root)] };
}

async function lookAt(root: string, path: string, wholly: boolean): Promise<FoundImage> {
  const found = await look(join(root, path), wholly);
  if ('corrupt' in found) return { path, ...found };
  const { width, height, grey } = found;
  return { path, width, height, grey };
}

function tinyWarning(root: string, { path, width, height }: UsableImage, minimumSide: number): string {
  return `${join(root, path)} is skipped: it is ${width}x${height}, and ${minimumSide} is the shortest side allowed`;
}

function shortened(problems: readonly string[], root: string): string[] {
  const more = problems.length - WARNINGS_SHOWN;
  if (more <= 0) return [...problems];
  return [...problems.slice(0, WARNINGS_SHOWN), `${more} more images of ${root} are skipped`];
}

function greyWarning(grey: readonly string[], root: string): string[] {
  if (grey.length === 0) return [];
  return grey.length === 1
    ? [`${join(root, grey[0]!)} is grey; it is used with three equal channels`]
    : [`${grey.length} images of ${root} are grey (the first is ${grey[0]}); they are used with three equal channels`];
}
