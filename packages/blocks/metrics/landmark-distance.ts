import { createHash } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { FaceDetector } from '../faces/detector/face-detector.ts';
import type { Landmarks } from '../faces/face-square.ts';
import type { Image } from '../images/image.ts';
import { metrics, type ImageMetric } from './metric.ts';
import { checkSameSize } from './planes/plane.ts';

const PERCENT = 100;

/**
 * How far the parts of a face have moved: the mean distance of the 68 landmarks of the restored and the sharp image, in percent of the width. It is the
 * landmark distance (LMD) of VQFR (Gu et al. 2022; VQFR:metric_paper/calculate_landmark_distance.py), which has it in pixels of images of 512 and with 98
 * points of another detector. Here it is that of `yarn faces`. Where it finds no face in one of the two images the value is `Infinity`; of
 * several faces the one nearest the middle counts. Errors: `UserError` for images of different sizes.
 */
@metrics.component({
  type: 'landmark-distance',
  description: 'how far eyes, nose, mouth and jaw have moved (LMD, Gu et al. 2022), with the detector of `yarn faces`',
  options: Type.Object({}),
})
export class LandmarkDistanceMetric implements ImageMetric {
  static readonly possibleColumns = ['landmark_distance'];
  readonly columns = [
    {
      name: 'landmark_distance',
      better: 'lower',
      digits: 3,
      infiniteOf: 'images in which no face was found, restored or sharp',
    },
  ] as const;
  #detector: FaceDetector | undefined;
  /** Landmarks of the sharp images, which all methods of a table share. */
  readonly #known = new Map<string, Landmarks | undefined>();

  async prepare(): Promise<void> {
    this.#detector ??= new FaceDetector();
  }

  async measure(restored: Image, sharp: Image): Promise<number[]> {
    checkSameSize(restored, sharp);
    const theirs = await this.#ofSharp(sharp);
    const ours = theirs && (await this.#landmarks(restored));
    return [ours && theirs ? (PERCENT * meanDistance(ours, theirs)) / sharp.width : Infinity];
  }

  dispose(): void {
    this.#detector?.dispose();
    this.#detector = undefined;
    this.#known.clear();
  }

  async #ofSharp(image: Image): Promise<Landmarks | undefined> {
    const key = createHash('sha256').update(image.data).digest('base64');
    if (!this.#known.has(key)) this.#known.set(key, await this.#landmarks(image));
    return this.#known.get(key);
  }

  async #landmarks(image: Image): Promise<Landmarks | undefined> {
    const faces = await this.#detector!.find(image);
    const fromMiddle = ({ x, y }: { readonly x: number; readonly y: number }) =>
      Math.hypot(x - image.width / 2, y - image.height / 2);
    const [nearest] = faces.sort((a, b) => fromMiddle(a.square.centre) - fromMiddle(b.square.centre));
    return nearest?.landmarks;
  }
}

/** In pixels. */
export function meanDistance(a: Landmarks, b: Landmarks): number {
  const distances = a.map(({ x, y }, i) => Math.hypot(x - b[i]!.x, y - b[i]!.y));
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}
