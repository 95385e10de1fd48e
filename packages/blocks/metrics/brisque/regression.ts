import { parseFile, readText } from '@dualprior/core';

/** A support vector regression with a radial kernel. */
export interface SupportVectors {
  readonly gamma: number;
  readonly rho: number;
  /** Rows of a coefficient and as many numbers as there are features. */
  readonly vectors: readonly (readonly [coefficient: number, vector: readonly number[]])[];
}

/** The range of each feature, which is stretched to -1 .. 1. */
export type Ranges = readonly (readonly [least: number, greatest: number])[];

/** Reads a model that libsvm's `svm-train` has written. Errors: it is another kind of model, or damaged. */
export function readModel(file: string, features: number): SupportVectors {
  return parseFile(file, 'model of libsvm', () => {
    const [head = '', body = ''] = readText(file).split(/^SV\s*$/m);
    const settings = new Map(head.split('\n').map((line) => line.trim().split(/\s+(.*)/s, 2) as [string, string]));
    for (const [key, wanted] of [
      ['svm_type', /^(epsilon|nu)_svr$/],
      ['kernel_type', /^rbf$/],
    ] as const) {
      const found = settings.get(key) ?? 'missing';
      if (!wanted.test(found))
        throw new Error(`its ${key} is ${found}, but a regression with a radial kernel (rbf) is wanted`);
    }
    const vectors = body
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line): [number, number[]] => {
        const [coefficient, ...entries] = line.trim().split(/\s+/);
        return [finite(coefficient!), sparse(entries, features)];
      });
    if (vectors.length === 0 || vectors.length !== finite(settings.get('total_sv'))) {
      throw new Error(`it has ${vectors.length} support vectors of ${settings.get('total_sv')}`);
    }
    return { gamma: finite(settings.get('gamma')), rho: finite(settings.get('rho')), vectors };
  });
}

/** Reads the ranges that libsvm's `svm-scale -s` has written: `x`, `-1 1`, then `INDEX LEAST GREATEST` for each feature. */
export function readRanges(file: string, features: number): Ranges {
  return parseFile(file, 'file of ranges of libsvm', () => {
    const [axis, to, ...lines] = readText(file).trim().split('\n');
    if (axis?.trim() !== 'x' || to?.trim().split(/\s+/).join(' ') !== '-1 1') {
      throw new Error('it must begin with the lines "x" and "-1 1"');
    }
    const ranges = lines.map((line, i): [number, number] => {
      const [index, least, greatest] = line.trim().split(/\s+/).map(finite);
      if (index !== i + 1 || least === undefined || greatest === undefined)
        throw new Error(`"${line}" is no range ${i + 1}`);
      return [least, greatest];
    });
    if (ranges.length !== features)
      throw new Error(`it has ranges of ${ranges.length} features instead of ${features}`);
    return ranges;
  });
}

/** The value of the regression: sum of the coefficients times the kernel, less rho. */
export function regress({ gamma, rho, vectors }: SupportVectors, ranges: Ranges, features: readonly number[]): number {
  const scaled = features.map((value, i) => {
    const [least, greatest] = ranges[i]!;
    return -1 + (2 / (greatest - least)) * (value - least);
  });
  return vectors.reduce((sum, [coefficient, vector]) => {
    const distance = vector.reduce((total, value, i) => total + (value - scaled[i]!) ** 2, 0);
    return sum + coefficient * Math.exp(-gamma * distance);
  }, -rho);
}

/** `INDEX:VALUE` of the features that are not zero, counted from 1. */
function sparse(entries: readonly string[], features: number): number[] {
  const vector = new Array<number>(features).fill(0);
  for (const entry of entries) {
    const [index, value] = entry.split(':').map(finite);
    if (!(Number.isInteger(index) && index! >= 1 && index! <= features))
      throw new Error(`it has no feature "${entry}"`);
    vector[index! - 1] = value!;
  }
  return vector;
}

function finite(text: string | undefined): number {
  const value = text === undefined || text === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new Error(`"${text ?? ''}" is no number`);
  return value;
}
