import { join } from 'node:path';
import sharp from 'sharp';
import type { Size } from './image.ts';

const AT_ONCE = 16;
const WARNINGS_SHOWN = 10;

/** Up to so many images are decoded wholly before a run, which finds every corrupt one; of larger folders only the headers are read. */
const DECODED = 2000;

/** An image by its path below the folder, upright as its EXIF orientation says. */
export interface UsableImage extends Size {
  readonly path: string;
  readonly grey: boolean;
}

interface Findings {
  readonly usable: readonly UsableImage[];
  /** A line an image that is skipped (beyond a few, their count), and one that says how many are grey. */
  readonly warnings: string[];
}

/** Looks at images before they are used, in order, until `limit` usable ones are found. */
export async function inspect(
  root: string,
  paths: readonly string[],
  { minimumSide, limit = Infinity }: { minimumSide: number; limit?: number | undefined },
): Promise<Findings> {
  const usable: UsableImage[] = [];
  const problems: string[] = [];
  const wholly = Math.min(paths.length, limit) <= DECODED;
  for (let start = 0; start < paths.length && usable.length < limit; start += AT_ONCE) {
    const part = paths.slice(start, start + AT_ONCE);
    const found = await Promise.all(part.map((path) => look(join(root, path), minimumSide, wholly)));
    part.forEach((path, i) => {
      const image = found[i]!;
      if ('problem' in image) problems.push(`${join(root, path)} is skipped: ${image.problem}`);
      else usable.push({ path, ...image });
    });
  }
  usable.splice(limit);
  const grey = usable.filter((image) => image.grey).map(({ path }) => path);
  return {
    usable,
    warnings: [...shortened(problems, root), ...greyWarning(grey, root)],
  };
}

async function look(
  file: string,
  minimumSide: number,
  wholly: boolean,
): Promise<Omit<UsableImage, 'path'> | { problem: string }> {
  try {
    const image = sharp(file, { failOn: 'error' });
    const { space, autoOrient } = await image.metadata();
    const { width, height } = autoOrient;
    if (Math.min(width, height) < minimumSide)
      return { problem: `it is ${width}x${height}, and ${minimumSide} is the shortest side allowed` };
    if (wholly) await image.raw().toBuffer(); // `stats` misses truncated files now and then
    return { width, height, grey: space === 'b-w' || space === 'grey16' };
  } catch (error) {
    return { problem: `it cannot be decoded (${firstLine((error as Error).message)})` };
  }
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

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}
