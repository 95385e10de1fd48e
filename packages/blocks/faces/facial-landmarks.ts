import { basename, extname } from 'node:path';
import { hasStandIn, didYouMean, readCheckpoint, readText, UserError } from '@dualprior/core';
import type { Dataset } from '../data/dataset.ts';
import type { Shown } from '../data/sampler/sample-batch.ts';
import { FACIAL_PARTS, perFacialPart, type FacialPart, type PerFacialPart } from './facial-parts.ts';
import type { PartSquare } from './facial-squares.ts';

interface LandmarksOptions {
  /** Side of the images that the numbers are for, in pixels: officially 512. */
  readonly side: number;
  /** By how much the squares of the eyes are made larger: officially 1.4. */
  readonly eyeEnlargement: number;
}

/** Where the parts are in an aligned face (FFHQ), as parts of its side. */
const USUAL: PerFacialPart<PartSquare> = {
  left_eye: [0.38, 0.47, 0.06],
  right_eye: [0.62, 0.47, 0.06],
  mouth: [0.5, 0.73, 0.1],
};

const MIRRORED: PerFacialPart<FacialPart> = { left_eye: 'right_eye', right_eye: 'left_eye', mouth: 'mouth' };

/**
 * Where eyes and mouths are, of a file: the official one (FFHQ_eye_mouth_landmarks_512.pth, made by GFPGAN:scripts/parse_landmark.py), or
 * JSON of the same form, `{"NAME": {"left_eye": [x, y, halfSide], "right_eye": ..., "mouth": ...}}`. NAME is an image's as the data set
 * has it, or without folder and extension, or, for numbered images, the number in eight digits, as officially.
 *
 * Errors: `UserError` for a file that is missing or damaged, an image without a part, numbers that are no square in the image.
 */
export class FacialLandmarks {
  /** Undefined where the squares of a usual face stand in for a file that is missing. */
  readonly #faces: ReadonlyMap<string, unknown> | undefined;

  constructor(
    readonly file: string,
    private readonly options: LandmarksOptions,
  ) {
    if (hasStandIn(file, 'squares of a usual face')) return;
    this.#faces = /\.json$/i.test(file) ? readJson(file) : readPth(file);
    if (this.#faces.size === 0) throw new UserError(`${file} has no landmarks of any image.`);
  }

  /** Errors: the file lacks an image of a data set that is prepared (of one without end, its first), or has it wrong. */
  check(dataset: Dataset): void {
    const count = Number.isFinite(dataset.length) ? dataset.length : 1;
    for (let i = 0; i < count; i++) {
      const size = dataset.size(i);
      if (size) this.#squares({ name: dataset.name(i), flipped: false }, size.width);
    }
  }

  /**
   * Squares (x1, y1, x2, y2) around the parts of faces of `side` pixels, for `facialRegions`: 4 numbers for each of the 3 parts of each
   * face. A mirrored face has its eyes exchanged (GFPGAN:gfpgan/data/ffhq_degradation_dataset.py, get_component_coordinates, which
   * besides changes its own list at each mirrored reading).
   */
  boxes(faces: readonly Shown[], side: number): Float32Array {
    return Float32Array.from(
      faces.flatMap((face) => {
        const squares = this.#squares(face, side);
        return FACIAL_PARTS.flatMap((part) => box(squares[part]));
      }),
    );
  }

  /** In pixels of an image of `side`, the eyes made larger. */
  #squares(face: Shown, side: number): PerFacialPart<PartSquare> {
    const found = this.#find(face.name);
    const factor = side / this.options.side;
    return perFacialPart((part) => {
      const source = face.flipped ? MIRRORED[part] : part;
      const square = this.#square(found, source);
      const [x, y, half] = square.map((length) => length * factor) as [number, number, number];
      const enlarged = part === 'mouth' ? half : half * this.options.eyeEnlargement;
      if (2 * enlarged > side + 1) throw this.#wrong(found.key, source, square, 'larger than the image');
      if (x < 0 || y < 0 || x > side || y > side) throw this.#wrong(found.key, source, square, 'outside of the image');
      return [face.flipped ? side - x : x, y, enlarged];
    });
  }

  #square({ key, face }: Found, part: FacialPart): PartSquare {
    const entry: unknown = face instanceof Map ? face.get(part) : (face as Record<string, unknown> | null)?.[part];
    if (entry === undefined) throw new UserError(`${this.file}: "${key}" has no "${part}".`);
    const isSquare =
      Array.isArray(entry) &&
      entry.length === 3 &&
      entry.every((value) => typeof value === 'number' && Number.isFinite(value)) &&
      entry[2] > 0;
    if (isSquare) return entry as unknown as PartSquare;
    throw this.#wrong(key, part, entry, 'not three numbers [x, y, halfSide] with halfSide above 0');
  }

  #find(name: string): Found {
    if (!this.#faces)
      return { key: name, face: perFacialPart((part) => USUAL[part].map((length) => length * this.options.side)) };
    const faces = this.#faces;
    const stem = basename(name, extname(name));
    const keys = [...new Set([name, stem, ...(/^\d+$/.test(stem) ? [stem.padStart(8, '0')] : [])])];
    const key = keys.find((candidate) => faces.has(candidate));
    if (key !== undefined) return { key, face: faces.get(key) };
    const hint = didYouMean(name, faces.keys());
    throw new UserError(
      `${this.file} has no landmarks of the image ${name} (looked for ${keys.map((each) => `"${each}"`).join(', ')}); ` +
        (hint ?? `it has those of ${faces.size} images, such as "${[...faces.keys()][0]!}"`) +
        '. Landmarks of every training image are needed, or none: leave the facial components out.',
    );
  }

  #wrong(key: string, part: FacialPart, found: unknown, why: string): UserError {
    const { side } = this.options;
    return new UserError(
      `${this.file}: "${part}" of "${key}" is ${why}: found ${JSON.stringify(found)}, in an image of ${side}x${side} pixels.`,
    );
  }
}

interface Found {
  readonly key: string;
  readonly face: unknown;
}

/** The official square: its upper left corner is moved by a pixel. */
function box([x, y, half]: PartSquare): [number, number, number, number] {
  return [x - half + 1, y - half + 1, x + half, y + half];
}

function readPth(file: string): Map<string, unknown> {
  const content = readCheckpoint(file).root;
  if (content instanceof Map && [...content.keys()].every((key) => typeof key === 'string')) {
    return content as Map<string, unknown>;
  }
  throw new UserError(`${file} holds no landmarks: they are a dictionary of images by their names.`);
}

function readJson(file: string): Map<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return new Map(Object.entries(content));
  }
  throw new UserError(`${file} holds no landmarks: they are an object of images by their names.`);
}
