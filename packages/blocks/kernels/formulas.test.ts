import { describe, expect, test } from '@jest/globals';
import { bivariate, gaussianRow } from './bivariate.ts';
import { sinc } from './sinc.ts';

const close = (values: readonly number[], digits = 8) =>
  values.map((value) => expect.closeTo(value, digits) as unknown);

// By NumPy, from the covariance matrix R diag(s1^2, s2^2) R^T as BasicSR has it.
describe('a kernel of two axes', () => {
  test('is a Gaussian along them', () => {
    const { size, data } = bivariate({ size: 3, sigma: [1, 2], rotation: 0.5, profile: 'gaussian', beta: 9 });
    expect(size).toBe(3);
    const [corner, above, other] = [0.06307126, 0.130794, 0.11855399];
    const [beside, middle] = [0.10680558, 0.16155035];
    expect([...data]).toEqual(close([corner, above, other, beside, middle, beside, other, above, corner]));
  });

  test.each([
    [
      'generalized',
      2,
      0.7,
      [
        [0.00240641, 0.01294252, 0.04320951, 0.05820796, 0.02516711],
        [0.00599322, 0.03003127, 0.08970789, 0.07309346, 0.0206337],
        [0.01249871, 0.05606556, 0.14008535, 0.05606556, 0.01249871],
      ],
    ],
    [
      'plateau',
      -0.4,
      1.3,
      [
        [0.00403589, 0.00626366, 0.00976711, 0.01417923, 0.01683044],
        [0.01075767, 0.02216934, 0.04733373, 0.0712278, 0.05048093],
        [0.0356604, 0.11280686, 0.19697389, 0.11280686, 0.0356604],
      ],
    ],
  ] as const)('is %s', (profile, rotation, beta, rows) => {
    const { data } = bivariate({ size: 5, sigma: [1.5, 0.6], rotation, profile, beta });
    const upper = rows.flat();
    expect([...data]).toEqual(close([...upper, ...upper.slice(0, 10).reverse()]));
  });

  test('is the product of a row and its column where it is round', () => {
    const row = gaussianRow(5, 0.8);
    expect([...row]).toEqual(close([0.02192964486, 0.22851214688, 0.49911641651, 0.22851214688, 0.02192964486], 10));
    const { data } = bivariate({ size: 5, sigma: [0.8, 0.8], rotation: 1, profile: 'gaussian', beta: 1 });
    expect([...data]).toEqual(
      close(
        [...row].flatMap((a) => [...row].map((b) => a * b)),
        12,
      ),
    );
  });
});

// By scipy.special.j1.
test.each([
  [
    1,
    5,
    [
      [0.018891986, 0.032876943, 0.038502642],
      [0.032876943, 0.051404966, 0.058756307],
      [0.038502642, 0.058756307, 0.066760855],
    ],
  ],
  [
    2.5,
    7,
    [
      [-0.008244905, 0.023025284, 0.023717247, 0.015360567],
      [0.023025284, 0.001996896, -0.051071232, -0.05580621],
      [0.023717247, -0.051071232, 0.029506999, 0.169369381],
      [0.015360567, -0.05580621, 0.169369381, 0.425898689],
    ],
  ],
] as [number, number, number[][]][])(
  'the low-pass filter of cutoff %d is that of its Bessel function',
  (cutoff, size, rows) => {
    const { size: side, data } = sinc(size, cutoff);
    expect(side).toBe(size);
    const whole = [...rows, ...rows.slice(0, -1).reverse()].map((row) => [...row, ...row.slice(0, -1).reverse()]);
    expect([...data]).toEqual(close(whole.flat()));
  },
);
