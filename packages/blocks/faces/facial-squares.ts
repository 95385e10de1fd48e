import { middle, partsOf, type Landmarks } from './face-square.ts';
import type { PerFacialPart } from './facial-parts.ts';

/** Centre and half the side of the square around a part of a face, in pixels. */
export type PartSquare = readonly [x: number, y: number, half: number];

/** No square is smaller, in an image of 512x512. */
const LEAST_HALF = 16;

/**
 * The squares around eyes and mouth that GFP-GAN's discriminators look at (GFPGAN:scripts/parse_landmark.py): around the mean of a part's points, as far as they
 * lie apart, in hundredths of a pixel.
 * @param landmarks in an image of 512x512
 */
export function facialSquares(landmarks: Landmarks): PerFacialPart<PartSquare> {
  const { leftEye, rightEye, mouth } = partsOf(landmarks);
  return { left_eye: around(leftEye), right_eye: around(rightEye), mouth: around(mouth) };
}

function around(points: Landmarks): PartSquare {
  const { x, y } = middle(points);
  const half = Math.max(
    LEAST_HALF,
    extent(points.map((point) => point.x)) / 2,
    extent(points.map((point) => point.y)) / 2,
  );
  return [rounded(x), rounded(y), rounded(half)];
}

function extent(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
