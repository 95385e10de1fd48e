import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import {
  decode,
  FaceDetector,
  facialSquares,
  findImages,
  type PerFacialPart,
  type PartSquare,
} from '@dualprior/blocks';
import { Interrupted, makeFolder, parseFile, readText, UserError, writeFileAtomic } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { unreadable, type Failure } from './failures.ts';

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
  const { images } = findImages(folder);
  if (images.length === 0) throw new UserError(`The folder ${folder} holds no images.`);
  const known: Faces = !force && existsSync(output) ? readFaces(output) : {};
  const names = namesOf(images);
  const left = images.filter((_, i) => !(names[i]! in known));
  const faces: Faces = Object.fromEntries(names.filter((name) => name in known).map((name) => [name, known[name]!]));
  const kept = images.length - left.length;
  if (left.length === 0) return { found: 0, kept, failures: [] };
  makeFolder(dirname(output));
  const failures: Failure[] = [];
  const detector = new FaceDetector();
  const progress = console.progress('finding landmarks', left.length, 0, 'images');
  const save = () => writeFileAtomic(output, (file) => file.append(Buffer.from(asText(faces))));
  try {
    for (const [i, path] of left.entries()) {
      if (signal.aborted) throw new Interrupted();
      const file = join(folder, path);
      const found = await squaresIn(file, detector);
      if ('reason' in found) failures.push(found);
      else faces[names[images.indexOf(path)]!] = found;
      if ((i + 1) % SAVE_EVERY === 0) save();
      progress.update(i + 1, failures.length > 0 ? `${failures.length} without` : '');
    }
  } finally {
    progress.stop();
    detector.dispose();
    save();
  }
  return { found: left.length - failures.length, kept, failures };
}

/** Of the one face in an image. */
async function squaresIn(file: string, detector: FaceDetector): Promise<PerFacialPart<PartSquare> | Failure> {
  const image = await decode(file, SIDE).catch((error: unknown) => unreadable(file, error));
  if ('reason' in image) return image;
  const faces = await detector.find(image);
  if (faces.length === 1) return facialSquares(faces[0]!.landmarks);
  return { file, reason: faces.length === 0 ? 'no face was found' : `${faces.length} faces were found` };
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
