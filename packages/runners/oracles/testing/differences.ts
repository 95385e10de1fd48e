import type { Captured, Change, Numbers } from './capture.ts';

/**
 * How far float32 may be from the oracle's float64, measured against what is expected. Over all cases the greatest distances found are
 * a third of these or less, in ours as in PyTorch's own float32.
 */
export const TOLERANCES = {
  /** For a loss: sums of a few thousand products. */
  curve: 1e-5,
  /** For the norm of a gradient, which has passed through a network twice (three times for R1 and path lengths). */
  gradient: 2e-5,
  /** For the change of a tensor. Adam divides a gradient by its own size, so that the rounding of small elements counts as much as that of large ones. */
  change: 1e-3,
  /** The change of a weight w is only known to the spacing of float32 at w, once an update: a part of the norm of the whole tensor. */
  spacing: 2 ** -23,
};

/** The change of a tensor that did not change. */
const NONE: Change = [0, 0];

interface Compared {
  readonly what: string;
  readonly found: number;
  readonly expected: number;
  readonly allowed: number;
}

/** All numbers with what was expected of them. Names that only one side has come first, as numbers that are not there. */
export function compared(found: Captured, expected: Numbers): Compared[] {
  return [...ofIterations(found, expected), ...ofWeights(found, expected)];
}

/** What is further from the expected number than is allowed, a line each. */
export function differences(found: Captured, expected: Numbers): string[] {
  return compared(found, expected)
    .filter(({ found: number, expected: wanted, allowed }) => !(Math.abs(number - wanted) <= allowed))
    .map(({ what, found: number, expected: wanted }) => `${what}: ${number}, but ${wanted} expected`);
}

function* ofIterations(found: Captured, expected: Numbers): Generator<Compared> {
  for (const i of keys([...found.iterations], [...expected.iterations]).map(Number)) {
    const [ours, theirs] = [found.iterations[i], expected.iterations[i]];
    const where = `iteration ${i + 1}`;
    for (const name of keys(ours?.curves ?? {}, theirs?.curves ?? {})) {
      yield relative(`${where}, ${name}`, ours?.curves[name], theirs?.curves[name], TOLERANCES.curve);
    }
    for (const k of keys([...(ours?.gradients ?? [])], [...(theirs?.gradients ?? [])]).map(Number)) {
      const [[owner, norm] = [], [name, wanted] = []] = [ours?.gradients[k], theirs?.gradients[k]];
      const what = `${where}, gradient ${k + 1}, of ${owner ?? 'nothing'} (${name ?? 'nothing'} expected)`;
      yield relative(what, owner === name ? norm : undefined, wanted, TOLERANCES.gradient);
    }
  }
}

function* ofWeights(found: Captured, expected: Numbers): Generator<Compared> {
  for (const iterations of keys(found.weights, expected.weights)) {
    const [ours, theirs] = [found.weights[iterations] ?? {}, expected.weights[iterations] ?? {}];
    for (const network of keys(ours, theirs)) {
      for (const tensor of keys(ours[network] ?? {}, theirs[network] ?? {})) {
        const wanted = theirs[network]?.[tensor];
        if (wanted === null) continue; // its gradient is zero but for rounding, of which Adam makes steps
        const isAverage = network.endsWith('.ema');
        const norm = found.norms.get(`${network.replace(/\.ema$/, '')} ${tensor}`) ?? 0;
        // What stays as it is does so bit for bit, but for an average of equal numbers.
        const spacing = wanted || isAverage ? TOLERANCES.spacing * Number(iterations) * norm : 0;
        const what = `after ${iterations}, ${network}, ${tensor}`;
        yield* ofChange(what, ours[network]?.[tensor] ?? NONE, wanted ?? NONE, spacing);
      }
    }
  }
}

function* ofChange(what: string, found: Change, expected: Change, spacing: number): Generator<Compared> {
  const allowed = TOLERANCES.change * expected[0] + spacing;
  for (const [i, name] of ['norm', 'projection'].entries()) {
    yield { what: `${what}, ${name}`, found: found[i]!, expected: expected[i]!, allowed };
  }
}

function relative(what: string, found = NaN, expected = NaN, tolerance: number): Compared {
  return { what, found, expected, allowed: tolerance * Math.abs(expected) };
}

function keys(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}
