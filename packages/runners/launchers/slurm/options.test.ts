import { expect, test } from '@jest/globals';
import { gpuCount, minutesOf, resourceFlags, wrongOptions } from './options.ts';

/** The formats of `man sbatch`, --time, and what `sinfo` prints. */
test.each([
  [90, 90],
  ['90', 90],
  ['30:00', 30],
  ['2:00:00', 120],
  ['1-12', 2160],
  ['1-12:30', 2190],
  ['2-00:00:30', 2880.5],
  ['infinite', Infinity],
  ['n/a', NaN],
])('%s is %s minutes', (time, minutes) => {
  expect(minutesOf(time)).toBe(minutes);
});

test('options become those of sbatch', () => {
  const sbatch = { qos: 'high', exclusive: true, overcommit: false, nice: 100 };
  const options = { account: 'vision', partition: 'gpu', gpus: 'a100:1', time: '1-00', cpus: 8, memory: '32G', sbatch };
  expect(resourceFlags(options)).toEqual([
    ...['--account=vision', '--partition=gpu', '--time=1-00', '--cpus-per-task=8', '--mem=32G', '--gres=gpu:a100:1'],
    ...['--qos=high', '--exclusive', '--nice=100'],
  ]);
  expect(resourceFlags({})).toEqual([]);
  expect([undefined, 2, 'a100:4'].map(gpuCount)).toEqual([0, 2, 4]);
});

test.each([
  [{ time: 4 }, /time is 4, but must be at least 5 minutes/],
  [{ sbatch: { dependency: 'afterok:1' } }, /sbatch\.dependency is set by the launcher itself/],
  [{ sbatch: { partition: 'gpu' } }, /sbatch\.partition is the option `partition`/],
  [{ sbatch: { mem: '4G' } }, /sbatch\.mem is the option `memory`/],
  [{ sbatch: { '--qos': 'high' } }, /"--qos", which is no long option/],
])('%j is wrong', (options, problem) => {
  expect(wrongOptions(options as never)).toMatch(problem);
});

test('what is right is nothing to speak of', () => {
  expect(wrongOptions({ time: '5', sbatch: { qos: 'high' } })).toBeUndefined();
});
