import { alignFace, sideOf, type Face, type Image } from '@dualprior/blocks';
import { counted, Interrupted } from '@dualprior/core';
import { pasteFaces, type RestoredFace } from './paste-faces.ts';
import type { PhotoRestorer, RestoreCall, Restored } from './photo-restorer.ts';
import type { Picture } from './picture.ts';

/** Finds the faces in an image of levels 0 .. 255 (`FaceDetector`). */
interface FaceFinder {
  find(image: Image): Promise<readonly Face[]>;
  dispose(): void;
}

/** A face that is more times as large as the crop that is restored of it comes back visibly softer than it was. */
const LARGER = 1.5;

interface Parts {
  /** Restores aligned crops of one size. */
  readonly faces: PhotoRestorer;
  /** Side of the crops, in pixels. */
  readonly side: number;
  /** Restores all around the faces; undefined: that stays as it is. */
  readonly background: PhotoRestorer | undefined;
  readonly finder: FaceFinder;
  /** Whether a photograph of exactly the size of a crop is one. */
  readonly takesCrops?: boolean | undefined;
}

/** Restores the faces in photographs with a method for aligned faces: each is found, cut out as FFHQ does, restored, and pasted back. */
export class FaceRestorer implements PhotoRestorer {
  constructor(private readonly parts: Parts) {}

  check(): void {}

  async restore(picture: Picture, call: RestoreCall): Promise<Restored> {
    const { finder, background, side, takesCrops } = this.parts;
    if (takesCrops && picture.width === side && picture.height === side) return this.parts.faces.restore(picture, call);
    const found = await finder.find(inBytes(picture));
    const steps = found.length + (background ? 1 : 0);
    const step = (index: number): RestoreCall => ({
      signal: call.signal,
      progress: (share) => call.progress((index + share) / steps),
    });
    const rest = background ? await background.restore(picture, step(found.length)) : asItIs(picture);
    const image = found.length > 0 ? inLevels(picture) : undefined;
    const faces: RestoredFace[] = [];
    for (const [i, { square }] of found.entries()) {
      if (call.signal.aborted) throw new Interrupted();
      const crop = alignFace(image!, square, side, true);
      faces.push({ square, crop: await this.parts.faces.restore({ ...crop, white: 255 }, step(i)) });
    }
    pasteFaces(rest, faces);
    call.progress(1);
    return { ...rest, faces: found.length, notes: this.#notesOf(found) };
  }

  dispose(): void {
    const { faces, background, finder } = this.parts;
    faces.dispose();
    background?.dispose();
    finder.dispose();
  }

  #notesOf(found: readonly Face[]): string[] {
    const { background, side, takesCrops } = this.parts;
    if (found.length === 0) {
      const left = background ? 'only its background is restored' : 'it stays as it is';
      const crops = takesCrops ? '' : '; a crop of an aligned face is restored with --aligned';
      return [`no face was found, so ${left}${crops}`];
    }
    const large = found.filter(({ square }) => sideOf(square) > LARGER * side);
    if (large.length === 0) return [];
    const widest = Math.round(Math.max(...large.map(({ square }) => sideOf(square))));
    return [
      `${counted(large.length, 'face')} of up to ${widest} pixels a side became softer: the method restores ${side}x${side}`,
    ];
  }
}

function asItIs({ width, height, data, white }: Picture): Restored {
  const values = Float32Array.from(data, (value) => value / white);
  return { width, height, data: values, white: 1, tiles: 1, overlap: 0, passes: 1, difference: 0 };
}

function inBytes({ width, height, data, white }: Picture): Image {
  const bytes = data instanceof Uint8Array ? data : Uint8Array.from(data, (value) => Math.round((value / white) * 255));
  return { width, height, data: bytes };
}

/** Levels 0 .. 255, of 16 bits with their fractions. */
function inLevels({ width, height, data, white }: Picture): Image {
  const levels = data instanceof Uint8Array ? data : Float32Array.from(data, (value) => (value / white) * 255);
  return { width, height, data: levels };
}
