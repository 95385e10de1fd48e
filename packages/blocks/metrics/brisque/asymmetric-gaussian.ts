/** An asymmetric generalised Gaussian distribution. */
interface AsymmetricGaussian {
  /** 1 for a Laplacian, 2 for a Gaussian. */
  readonly shape: number;
  readonly mean: number;
  /** Root mean squares of the values below zero, and of the others. */
  readonly left: number;
  readonly right: number;
}

/** Where the shape is looked for. */
const LEAST = 0.02;
const GREATEST = 100;
const STEPS = 100;

/** Fits the distribution by its moments (Lasmar et al., 2009). NaN where no value lies on one side of zero. */
export function fitAsymmetric(values: Float64Array): AsymmetricGaussian {
  let [absolute, below, above, fewer] = [0, 0, 0, 0];
  for (const value of values) {
    absolute += Math.abs(value);
    if (value < 0) {
      below += value ** 2;
      fewer++;
    } else above += value ** 2;
  }
  const count = values.length;
  const [left, right] = [Math.sqrt(below / fewer), Math.sqrt(above / (count - fewer))];
  const ratio = left / right;
  const moment = (absolute / count) ** 2 / ((below + above) / count);
  const shape = shapeOf((moment * (ratio ** 3 + 1) * (ratio + 1)) / (ratio ** 2 + 1) ** 2);
  const spread = Math.exp((logGamma(1 / shape) - logGamma(3 / shape)) / 2);
  const mean = (right - left) * spread * Math.exp(logGamma(2 / shape) - logGamma(1 / shape));
  return { shape, mean, left, right };
}

/** The shape whose ratio of moments, which grows with it, is this one; NaN for NaN. */
function shapeOf(wanted: number): number {
  if (Number.isNaN(wanted)) return NaN;
  let [low, high] = [LEAST, GREATEST];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    const found = Math.exp(2 * logGamma(2 / middle) - logGamma(1 / middle) - logGamma(3 / middle));
    if (found < wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Coefficients of Lanczos's approximation with g = 7. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** The logarithm of the gamma function, of a positive number. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const t = z + 7.5;
  const sum = LANCZOS.slice(1).reduce((total, each, i) => total + each / (z + i + 1), LANCZOS[0]!);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}
