/** A place in an image, in pixels; whole numbers are the middles of pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The 68 points of a face, in dlib's order (that of the iBUG 300-W data): jaw, brows, nose, eyes, mouth; left and right as one sees them. */
export type Landmarks = readonly Point[];

/** Which of the 68 points are of what: from the first to before the last. */
const POINTS = { leftEye: [36, 42], rightEye: [42, 48], mouth: [48, 68] } as const;

/** The corners of the mouth among the 68 points. */
const CORNERS = [48, 54] as const;

/** A square in an image, turned in any way. */
export interface Square {
  readonly centre: Point;
  /** From the centre to the middle of the right side. The one to the lower side is the same, a quarter turn clockwise. */
  readonly right: Point;
}

/** The points around both eyes, and those of the lips. */
export function partsOf(landmarks: Landmarks): Record<keyof typeof POINTS, Landmarks> {
  const of = ([begin, end]: readonly [number, number]) => landmarks.slice(begin, end);
  return { leftEye: of(POINTS.leftEye), rightEye: of(POINTS.rightEye), mouth: of(POINTS.mouth) };
}

/**
 * The square around a face that FFHQ's crops show: from eyes and corners of the mouth (Karras et al. 2019; ffhq-dataset:download_ffhq.py,
 * recreate_aligned_images).
 */
export function faceSquare(landmarks: Landmarks): Square {
  const { leftEye, rightEye } = partsOf(landmarks);
  const [left, right] = [middle(leftEye), middle(rightEye)];
  const eyes = middle([left, right]);
  const eyeToEye = minus(right, left);
  const eyesToMouth = minus(middle(CORNERS.map((i) => landmarks[i]!)), eyes);
  const direction = { x: eyeToEye.x + eyesToMouth.y, y: eyeToEye.y - eyesToMouth.x };
  const half = Math.max(2 * length(eyeToEye), 1.8 * length(eyesToMouth)) / length(direction);
  return {
    centre: { x: eyes.x + 0.1 * eyesToMouth.x, y: eyes.y + 0.1 * eyesToMouth.y },
    right: { x: half * direction.x, y: half * direction.y },
  };
}

/** Side of a square, in pixels. */
export function sideOf({ right }: Square): number {
  return 2 * length(right);
}

/** The place in the image of (u, v) in the square: (0, 0) is its upper left corner, (1, 1) the lower right one. */
export function inImage({ centre, right }: Square, u: number, v: number): Point {
  const [a, b] = [2 * u - 1, 2 * v - 1];
  return { x: centre.x + a * right.x - b * right.y, y: centre.y + a * right.y + b * right.x };
}

/** The contrary of `inImage`: where in the square a place of the image is. */
export function inSquare({ centre, right }: Square, { x, y }: Point): { readonly u: number; readonly v: number } {
  const [dx, dy] = [x - centre.x, y - centre.y];
  const squared = right.x ** 2 + right.y ** 2;
  return {
    u: 0.5 + (dx * right.x + dy * right.y) / squared / 2,
    v: 0.5 + (dy * right.x - dx * right.y) / squared / 2,
  };
}

/** The mean of places. */
export function middle(points: readonly Point[]): Point {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }));
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function minus(a: Point, b: Point): Point {
  return { x: a.x - b.x, y: a.y - b.y };
}

function length({ x, y }: Point): number {
  return Math.hypot(x, y);
}
