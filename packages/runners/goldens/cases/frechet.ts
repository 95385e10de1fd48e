import { centre, factorOfSet, factorOfStatistics, frechetDistance, statisticsOf } from '@dualprior/blocks';
import { UserError, type Matrix, type NdArray } from '@dualprior/core';
import { scalar, type Golden, type GoldenFamily } from '../golden.ts';

/** The case `frechet`: statistics of `PAIR.features1`, `PAIR.features2` and the distance of the pair. */
export const frechet: GoldenFamily = {
  knows: ({ manifest }) => String(manifest.config.arch).startsWith('pytorch-fid calculate_frechet_distance'),

  compute(golden) {
    return new Map(
      golden.outputs.map((output): [string, NdArray] => {
        const [, pair = '', what = ''] = /^(.+)\.(\w+)$/.exec(output) ?? [];
        return [output, compute(golden, pair, what)];
      }),
    );
  },
};

/** `fid_eigh` by the sets themselves, `fid` by the statistics of the second. */
function compute(golden: Golden, pair: string, what: string): NdArray {
  const set = (number: string) => centre(matrix(golden.array(`${pair}.features${number}`)));
  if (what === 'fid_eigh') return scalar(frechetDistance(set('1'), factorOfSet(set('2'))).value);
  if (what === 'fid') return scalar(frechetDistance(set('1'), factorOfStatistics(statisticsOf(set('2')))).value);
  const [, name, number = ''] = /^(mu|sigma)([12])$/.exec(what) ?? [];
  if (name === undefined) throw new UserError(`There is nothing to compute the golden tensor "${pair}.${what}" with.`);
  const { mean, covariance } = statisticsOf(set(number));
  if (name === 'mu') return { shape: [mean.length], values: mean };
  return { shape: [covariance.rows, covariance.columns], values: covariance.values };
}

/** The rows of a golden array as numbers of double precision. */
export function matrix({ shape, values }: NdArray): Matrix {
  const [rows, columns] = shape as [number, number];
  return { rows, columns, values: Float64Array.from(values as Float32Array) };
}
