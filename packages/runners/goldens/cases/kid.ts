import { polynomialMmd } from '@dualprior/blocks';
import { UserError, type NdArray } from '@dualprior/core';
import { scalar, type GoldenFamily } from '../golden.ts';
import { matrix } from './frechet.ts';

/** The case `kid`: the kernel inception distance of the vectors `x` and `y` by each estimator. */
export const kid: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'KID',

  compute: (golden) =>
    new Map(
      golden.outputs.map((output): [string, NdArray] => {
        if (output !== 'u-statistic' && output !== 'unbiased')
          throw new UserError(`There is nothing to compute the golden tensor "${output}" with.`);
        const [x, y] = [matrix(golden.array('x')), matrix(golden.array('y'))];
        return [output, scalar(polynomialMmd(x, y, output).value)];
      }),
    ),
};
