import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { facialSquares, type PerFacialPart, type PartSquare } from '@dualprior/blocks';
import { makeFolder, parseFile, readText, UserError, writeFileAtomic } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { imagesBelow } from '../restore/inputs.ts';
import { lookThrough, type Failure, type Found } from './look-through.ts';

/** Side of the images that the numbers are for, in pixels: FFHQ's as GFP-GAN trains on it. */
const SIDE = 512;

/** The file is written each time after so many images, so that an interruption loses little. */
const SAVE_EVERY = 200;

interface LandmarksOptions {
  readonly folder: string;
  /** The JSON file. */
  readonly output: string;
  /** Whether to find again what is in the file already. */
  readonly force: boolean;
  readonly console: Console;
  readonly signal: AbortSignal;
}

interface LandmarksResult {
  readonly found: number;
  /** How many images the file had already. */
  readonly kept: number;
  readonly failures: readonly Failure[];
}

type Faces = Record<string, PerFacialPart<PartSquare>>;

/**
 * Writes where eyes and mouth are in the aligned faces of a folder, as `FacialLandmarks` reads it. Images are called by their names without folder and extension, or by
 * their paths where two would be called alike. Errors: `UserError` for a folder without images, and an output that is there and is no such file; `Interrupted`.
 */
export async function landmarksOfFolder({
  folder,
  output,
  force,
  ...options
}: LandmarksOptions): Promise<LandmarksResult> {
  const { console, signal } = options;
  const images = imagesBelow(folder);
  const known: Faces = !force && existsSync(output) ? readFaces(output) : {};
  const named = namesOf(images).map((name, i) => ({ name, file: join(folder, images[i]!) }));
  const left = named.filter(({ name }) => !(name in known));
  const faces: Faces = Object.fromEntries(
    named.filter(({ name }) => name in known).map(({ name }) => [name, known[name]!]),
  );
  const kept = images.length - left.length;
  if (left.length === 0) return { found: 0, kept, failures: [] };
  makeFolder(dirname(output));
  const failures: Failure[] = [];
  const save = () => writeFileAtomic(output, (file) => file.append(Buffer.from(asText(faces))));
  const files = left.map(({ file }) => file);
  try {
    await lookThrough(files, { doing: 'finding landmarks', side: SIDE, console, signal }, (image, i) => {
      const found = squaresIn(files[i]!, image);
      if ('reason' in found) failures.push(found);
      else faces[left[i]!.name] = found;
      if ((i + 1) % SAVE_EVERY === 0) save();
      return failures.length > 0 ? `${failures.length} without` : '';
    });
  } finally {
    save();
  }
  return { found: left.length - failures.length, kept, failures };
}

/** The squares of the only face in an image. */
function squaresIn(file: string, found: Found): PerFacialPart<PartSquare> | Failure {
  if ('reason' in found) return found;
  const [face, ...others] = found.faces;
  if (face && others.length === 0) return facialSquares(face.landmarks);
  return { file, reason: face ? `${found.faces.length} faces were found` : 'no face was found' };
}

function namesOf(images: readonly string[]): string[] {
  const stems = images.map((path) => basename(path, extname(path)));
  return new Set(stems).size === stems.length ? stems : [...images];
}

/** One image a line. */
function asText(faces: Faces): string {
  const lines = Object.entries(faces).map(([name, parts]) => `  ${JSON.stringify(name)}: ${JSON.stringify(parts)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** Errors: `UserError` if the file holds anything else. */
function readFaces(file: string): Faces {
  const content = parseFile(file, 'file of landmarks', () => JSON.parse(readText(file)) as unknown);
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Faces;
  throw new UserError(
    `${file} is there already and holds no landmarks. Give another --output, or --force to write over it.`,
  );
}
