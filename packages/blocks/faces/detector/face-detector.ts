import * as tf from '@tensorflow/tfjs-core';
import type { Tensor3D } from '@tensorflow/tfjs-core';
import type * as faceApi from '@vladmandic/face-api';
import sharp from 'sharp';
import type { Image, Window } from '../../images/image.ts';
import { flip } from '../../images/transform.ts';
import { alignFace } from '../align-face.ts';
import { faceSquare, inImage, middle, sideOf, type Landmarks, type Square } from '../face-square.ts';
import { loadFaceApi, withItsWeights } from './face-api.ts';
import { mirroredPoints } from './mirrored-points.ts';
import { windowsOf } from './windows.ts';

/** Side of what the detector looks at, in pixels. */
const SEEN = 512;

/** Least confidence of a face in a photograph, and of the same one when it is looked at again, upright and large. */
const CONFIDENCE = 0.5;
const CONFIDENCE_AGAIN = 0.3;

/**
 * A face is looked at again in a crop of so many times the side of the aligned one. In that itself, the detector does not know a blurred face: it has
 * learned that large faces are sharp.
 */
const AROUND = 2;

/** Side of that crop, in pixels. */
const CLOSE = 384;

/**
 * The network's points lie higher than dlib's, by which FFHQ's faces are aligned: by this part of the aligned crop's side at eyes and mouth alike (the mean over
 * 198 aligned photographs, whose eyes and mouths so come to lie 1.0 % of the side from their place instead of 1.5 %).
 */
const TOO_HIGH = 0.0095;

/** How far from the middle of the crop the face may be that was looked for, in pixels: half-way to the edge of the aligned one. */
const MOST_FROM_MIDDLE = CLOSE / AROUND / 4;

/** Side of a box of which landmarks are found; the network sees 112. */
const MOST_OF_BOX = 224;

/** Landmarks are more exact with so much more of the image than the detector's box shows. */
const WIDENED = 1.1;

/** Boxes of which the smaller one lies to this part in the other show one face. */
const SAME = 0.6;

/** Faces whose centres are nearer than this part of the square's side are one. */
const APART = 0.2;

/** A face in an image. */
export interface Face {
  readonly landmarks: Landmarks;
  /** What its aligned crop shows. */
  readonly square: Square;
}

interface Box extends Window {
  readonly score: number;
}

/**
 * Finds faces and their 68 landmarks with the networks of the npm package @vladmandic/face-api (SSD on MobileNet v1, and a small landmark network), which
 * carries their weights. Each face is looked at twice: in the photograph, and in a crop that the first landmarks give, where it is upright.
 */
export class FaceDetector {
  readonly #boxes: faceApi.SsdMobilenetv1;
  readonly #landmarks: faceApi.FaceLandmark68Net;

  constructor() {
    const { SsdMobilenetv1, FaceLandmark68Net } = loadFaceApi();
    this.#boxes = withItsWeights(new SsdMobilenetv1(), 'ssd_mobilenetv1_model');
    this.#landmarks = withItsWeights(new FaceLandmark68Net(), 'face_landmark_68_model');
  }

  dispose(): void {
    this.#boxes.dispose();
    this.#landmarks.dispose();
  }

  /** The faces in an image of levels 0 .. 255, from left to right. */
  async find(image: Image): Promise<Face[]> {
    const boxes: Box[] = [];
    for (const window of windowsOf(image)) boxes.push(...(await this.#boxesIn(image, window, CONFIDENCE)));
    const faces: Face[] = [];
    for (const box of distinct(boxes)) {
      const face = await this.#lookedAtAgain(image, faceOf(await this.#landmarksIn(image, box)));
      if (face && !faces.some((known) => isSame(known, face))) faces.push(face);
    }
    return faces.sort((a, b) => a.square.centre.x - b.square.centre.x);
  }

  /** The same face by the landmarks of its crop; undefined where that shows none. */
  async #lookedAtAgain(image: Image, { square }: Face): Promise<Face | undefined> {
    if (sideOf(square) < 1) return undefined;
    const around: Square = {
      centre: square.centre,
      right: { x: AROUND * square.right.x, y: AROUND * square.right.y },
    };
    const { data, ...size } = alignFace(image, around, CLOSE);
    const close: Image = {
      ...size,
      data: Uint8Array.from(data, (value) => Math.min(255, Math.max(0, Math.round(value)))),
    };
    const boxes = await this.#boxesIn(close, { left: 0, top: 0, ...size }, CONFIDENCE_AGAIN);
    const [box] = boxes.sort((a, b) => fromMiddle(a) - fromMiddle(b));
    if (!box || fromMiddle(box) > MOST_FROM_MIDDLE) return undefined;
    const found = await this.#landmarksIn(close, box);
    const lower = TOO_HIGH / AROUND;
    return faceOf(found.map(({ x, y }) => inImage(around, (x + 0.5) / CLOSE, (y + 0.5) / CLOSE + lower)));
  }

  async #boxesIn(image: Image, window: Window, minConfidence: number): Promise<Box[]> {
    const seen = await part(image, window, SEEN);
    const input = toTensor(seen);
    try {
      const found = await this.#boxes.locateFaces(asInput(input), { minConfidence, maxResults: 100 });
      const factor = window.width / seen.width;
      return found.map(({ score, box }) => ({
        score,
        left: window.left + box.x * factor,
        top: window.top + box.y * factor,
        width: box.width * factor,
        height: box.height * factor,
      }));
    } finally {
      input.dispose();
    }
  }

  /** In pixels of the image: the mean of those that the network finds in the box, and in its mirror image. */
  async #landmarksIn(image: Image, box: Window): Promise<Landmarks> {
    const window = whole(widened(box), image);
    const seen = await part(image, window, MOST_OF_BOX);
    const [own, mirror] = [await this.#landmarksOf(seen), await this.#landmarksOf(flip(seen))];
    const [across, down] = [window.width / seen.width, window.height / seen.height];
    return mirroredPoints(mirror, seen).map((point, i) => {
      const { x, y } = middle([point, own[i]!]);
      return { x: window.left + (x + 0.5) * across - 0.5, y: window.top + (y + 0.5) * down - 0.5 };
    });
  }

  async #landmarksOf(image: Image): Promise<Landmarks> {
    const input = toTensor(image);
    try {
      const { positions } = (await this.#landmarks.detectLandmarks(asInput(input))) as faceApi.FaceLandmarks68;
      return positions.map(({ x, y }) => ({ x, y }));
    } finally {
      input.dispose();
    }
  }
}

function faceOf(landmarks: Landmarks): Face {
  return { landmarks, square: faceSquare(landmarks) };
}

/** A part of an image, made smaller where it is larger than `most` pixels a side. */
async function part(image: Image, { left, top, width, height }: Window, most: number): Promise<Image> {
  const raw = { width: image.width, height: image.height, channels: 3 as const };
  const { data, info } = await sharp(image.data as Uint8Array, { raw })
    .extract({ left, top, width, height })
    .resize(most, most, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** (H, W, 3) of levels 0 .. 255. */
function toTensor({ width, height, data }: Image): Tensor3D {
  return tf.tensor3d(Float32Array.from(data), [height, width, 3]);
}

/** The package's types declare a tfjs of their own. */
function asInput(image: Tensor3D): faceApi.TNetInput {
  return image as unknown as faceApi.TNetInput;
}

function widened({ left, top, width, height }: Window): Window {
  const [w, h] = [WIDENED * width, WIDENED * height];
  return { left: left - (w - width) / 2, top: top - (h - height) / 2, width: w, height: h };
}

/** The whole pixels of a box that lie in the image: at least one. */
function whole({ left, top, width, height }: Window, image: Image): Window {
  const within = (begin: number, length: number, end: number) => {
    const first = Math.min(end - 1, Math.max(0, Math.round(begin)));
    return [first, Math.max(1, Math.min(end, Math.round(begin + length)) - first)] as const;
  };
  const [columns, rows] = [within(left, width, image.width), within(top, height, image.height)];
  return { left: columns[0], top: rows[0], width: columns[1], height: rows[1] };
}

/** One box for each face: the most confident. */
function distinct(boxes: readonly Box[]): Box[] {
  const kept: Box[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score)) {
    if (!kept.some((other) => shared(box, other) > SAME)) kept.push(box);
  }
  return kept;
}

/** The part of the smaller box that lies in the other one. */
function shared(a: Window, b: Window): number {
  const overlap = (from: number, length: number, other: number, otherLength: number) =>
    Math.max(0, Math.min(from + length, other + otherLength) - Math.max(from, other));
  const common = overlap(a.left, a.width, b.left, b.width) * overlap(a.top, a.height, b.top, b.height);
  return common / Math.min(a.width * a.height, b.width * b.height);
}

function isSame({ square: a }: Face, { square: b }: Face): boolean {
  const distance = Math.hypot(a.centre.x - b.centre.x, a.centre.y - b.centre.y);
  return distance < APART * Math.max(sideOf(a), sideOf(b));
}

/** How far the middle of a box is from that of the crop. */
function fromMiddle({ left, top, width, height }: Window): number {
  return Math.hypot(left + width / 2 - CLOSE / 2, top + height / 2 - CLOSE / 2);
}
