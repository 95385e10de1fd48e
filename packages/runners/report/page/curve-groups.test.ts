import { expect, test } from '@jest/globals';
import { groupCurves } from './curve-groups.ts';

const curve = (name: string, ...values: number[]) => ({ name, points: values.map((value, i) => [i, value] as const) });

test('terms of a loss share a chart, validation comes first, what stays the same is no curve', () => {
  const all = [
    curve('learning_rate', 0.001, 0.001),
    curve('loss', 3, 2),
    curve('loss_l1', 2, 1),
    curve('loss_d', 1, NaN, 1),
    curve('seconds', 1, 2),
    curve('validation_psnr', 20, 21),
    curve('broken', NaN, NaN),
  ];
  const { groups, flat } = groupCurves(all);
  expect(groups.map(({ name, curves }) => [name, ...curves.map((each) => each.name)])).toEqual([
    ['validation_psnr', 'validation_psnr'],
    ['loss', 'loss', 'loss_l1'],
    ['seconds', 'seconds'],
    ['broken', 'broken'],
  ]);
  expect(flat.map(({ name }) => name)).toEqual(['learning_rate', 'loss_d']);
});

test('a curve that is alone in its group keeps its own name', () => {
  expect(groupCurves([curve('learning_rate_g', 1, 2)]).groups.map(({ name }) => name)).toEqual(['learning_rate_g']);
  expect(groupCurves([curve('lossless', 1, 2), curve('loss', 1, 2)]).groups).toHaveLength(2);
});
