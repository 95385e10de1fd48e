import { Type, type Static } from '@sinclair/typebox';
import { UserError, type Random, type Stream } from '@dualprior/core';
import { toSumOne } from './bivariate.ts';
import { kernels, type Kernel, type Kernels } from './kernels.ts';
import { cameraTrajectory, type Point } from './camera-shake/trajectory.ts';

/** The shortest trace as a share of the canvas: below it a blur can hardly be seen. */
const SHORTEST = 0.2;

/** The smallest support in pixels: below it nothing is left of the blur of a small image. */
const LEAST = 3;

/** Standard deviation of the sensor's own blur, in pixels of the reference size (Schmidt et al.). */
const SENSOR_BLUR = 1;

/** How many traces are drawn, at most, to find one that fits the canvas. */
const TRACES = 100;

/** Longest step between two points of the drawn path, in pixels. */
const STEP = 0.25;

const Options = Type.Object({
  count: Type.Integer({ minimum: 1, default: 1000, description: 'number of different kernels of a data set' }),
  size: Type.Integer({
    minimum: 3,
    maximum: 255,
    default: 71,
    description: 'side of the canvas in pixels, odd, for an image whose longer side is `reference`',
  }),
  reference: Type.Integer({
    minimum: 1,
    default: 512,
    description: 'longer side of the image that `size` is for, in pixels',
  }),
  support: Type.Optional(
    Type.Tuple([Type.Number({ minimum: 1, maximum: 255 }), Type.Number({ minimum: 1, maximum: 255 })], {
      description:
        '[least, most]: longer sides of the traces, drawn uniformly, in pixels of the reference size; absent: a fifth of `size` to all of it',
    }),
  ),
});

/**
 * Motion-blur kernels of a shaken camera: the trace of a random 3-D camera trajectory (see `cameraTrajectory`), drawn with
 * sub-pixel bilinear splatting, blurred a little by the sensor, its centroid in the middle, sum 1.
 *
 * The recipe that is mostly used stops at supports of 27 pixels. Here the longer side of the support is drawn uniformly,
 * unless `support` says otherwise from a fifth of the canvas to all of it, so that a canvas of 71 pixels holds weak and strong blurs alike:
 * photographs differ in exposure and in how steady the hand was, and no published figure says how often. A trace whose
 * centroid lies off its middle sticks out of the canvas at a large size; then another trace is drawn, and only if none of
 * many fits, the one that fits best is shrunk. (That asks for traces with the centroid near the middle, the more the larger they are.)
 *
 * For an image of another size the canvas is `size * side / reference`, made odd, and the same trace is drawn at that scale:
 * 71 pixels at 512 are 9 at 64. No support is smaller than 3 pixels.
 */
@kernels.component({ type: 'camera-shake', description: 'traces of random 3-D camera trajectories', options: Options })
export class CameraShake implements Kernels {
  readonly count: number;
  readonly size: number;
  /** Least and greatest share of the canvas that the longer side of a trace takes. */
  readonly #shares: readonly [number, number];

  constructor(private readonly options: Static<typeof Options>) {
    if (options.size % 2 === 0)
      throw new UserError(`camera-shake: size is ${options.size}, but a canvas has an odd side.`);
    this.count = options.count;
    this.size = options.size;
    this.#shares = shares(options);
  }

  kernel(random: Random, index: number, imageSide: number): Kernel {
    const zoom = imageSide / this.options.reference;
    const stream = random.stream('camera-shake', index);
    const share = stream.uniform(...this.#shares);
    return draw(fittingTrace(stream, share), share, nearestOdd(this.size * zoom), SENSOR_BLUR * zoom);
  }
}

/** Errors: the ends are the wrong way round, or the most does not fit the canvas. */
function shares({ support, size }: Static<typeof Options>): [number, number] {
  if (!support) return [SHORTEST, 1];
  const [least, most] = support;
  if (least > most) {
    throw new UserError(
      `camera-shake: support is [${least}, ${most}], but the smaller number comes first: [${most}, ${least}].`,
    );
  }
  if (most > size) {
    throw new UserError(
      `camera-shake: support is [${least}, ${most}], but the canvas has ${size} pixels: make \`size\` larger.`,
    );
  }
  return [least / size, most / size];
}

/** A path around its centroid, whose longer side is 1. */
interface Trace {
  readonly points: readonly Point[];
  /** How far it reaches from the centroid: 0.5 if that is in the middle. */
  readonly reach: number;
}

/** A trace that stays on the canvas if its longer side takes this share of it; the best of many if none does. */
function fittingTrace(stream: Stream, share: number): Trace {
  let best = unitTrace(cameraTrajectory(stream));
  for (let i = 1; i < TRACES && share * best.reach > 0.5; i++) {
    const other = unitTrace(cameraTrajectory(stream));
    if (other.reach < best.reach) best = other;
  }
  return best;
}

function unitTrace(trajectory: readonly Point[]): Trace {
  const extent = Math.max(range(trajectory.map(({ x }) => x)), range(trajectory.map(({ y }) => y)));
  const points = centred(trajectory).map(({ x, y }) => ({ x: x / extent, y: y / extent }));
  return { points, reach: Math.max(...points.flatMap(({ x, y }) => [Math.abs(x), Math.abs(y)])) };
}

/** Draws a trace so that the longer side of its support, sensor blur included, is about this share of the canvas. */
function draw({ points, reach }: Trace, share: number, side: number, sigma: number): Kernel {
  const gaussian = gaussianTaps(sigma);
  const margin = (gaussian.length - 1) / 2;
  const support = Math.max(share * side, Math.min(side, LEAST));
  const length = Math.max(0, support - 1 - 2 * margin);
  const zoom = Math.min(length, ((side - 1) / 2 - margin) / reach);
  const path = points.map(({ x, y }) => ({ x: x * zoom, y: y * zoom }));
  return { size: side, data: toSumOne(blurred(splat(path, side), side, gaussian)) };
}

function nearestOdd(value: number): number {
  return Math.max(1, 2 * Math.round((value - 1) / 2) + 1);
}

/** Moves the centroid of the drawn path (its time average) to the origin. */
function centred(trajectory: readonly Point[]): Point[] {
  const middles = trajectory.slice(1).map((point, t) => ({
    x: (point.x + trajectory[t]!.x) / 2,
    y: (point.y + trajectory[t]!.y) / 2,
  }));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(middles.map((middle) => middle.x)), mean(middles.map((middle) => middle.y))];
  return trajectory.map((point) => ({ x: point.x - x, y: point.y - y }));
}

function range(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** Every piece of the path gets the same weight, since it took the same time; it is spread bilinearly over four pixels. */
function splat(path: readonly Point[], side: number): Float64Array {
  const data = new Float64Array(side * side);
  const middle = (side - 1) / 2;
  for (let t = 1; t < path.length; t++) {
    const [from, to] = [path[t - 1]!, path[t]!];
    const pieces = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / STEP));
    for (let i = 0; i < pieces; i++) {
      const share = (i + 0.5) / pieces;
      const x = middle + from.x + share * (to.x - from.x);
      const y = middle + from.y + share * (to.y - from.y);
      addPoint(data, side, x, y, 1 / pieces);
    }
  }
  return data;
}

function addPoint(data: Float64Array, side: number, x: number, y: number, weight: number): void {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const put = (column: number, row: number, share: number) => {
    if (share > 0 && column >= 0 && row >= 0 && column < side && row < side)
      data[row * side + column]! += weight * share;
  };
  put(left, top, (1 - fx) * (1 - fy));
  put(left + 1, top, fx * (1 - fy));
  put(left, top + 1, (1 - fx) * fy);
  put(left + 1, top + 1, fx * fy);
}

/** Three taps of a Gaussian, as in the recipe, or one where it is too narrow to matter. */
function gaussianTaps(sigma: number): number[] {
  const side = Math.exp(-1 / (2 * sigma * sigma));
  return side < 1e-3 ? [1] : [side, 1, side];
}

/** Separable convolution with a few taps; what would fall off the canvas is kept by the margin. */
function blurred(data: Float64Array, side: number, taps: readonly number[]): Float64Array {
  const radius = (taps.length - 1) / 2;
  const pass = (source: Float64Array, step: number) => {
    const result = new Float64Array(source.length);
    source.forEach((value, at) => {
      if (value > 0) taps.forEach((tap, k) => (result[at + (k - radius) * step]! += tap * value));
    });
    return result;
  };
  return radius === 0 ? data : pass(pass(data, 1), side);
}
