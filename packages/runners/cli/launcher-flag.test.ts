import { expect, test } from '@jest/globals';
import { launcherSetting } from './launcher-flag.ts';

test.each([
  ['local', 'launcher={type: local, }'],
  ['local:processes=2,threads=1', 'launcher={type: local, processes: 2, threads: 1}'],
  ['local:gpus=[0, 1],threads=1', 'launcher={type: local, gpus: [0, 1], threads: 1}'],
  [
    'slurm:time=2:00:00,sbatch={qos: high, nice: 3},cpus=4',
    'launcher={type: slurm, time: 2:00:00, sbatch: {qos: high, nice: 3}, cpus: 4}',
  ],
])('%s', (flag, setting) => {
  expect(launcherSetting(flag)).toEqual([setting]);
});

test.each(['', 'Local', 'local:', 'local:processes', 'local:processes=', 'slurm,partition=gpu'])(
  '"%s" is no launcher',
  (flag) => {
    expect(() => launcherSetting(flag)).toThrow(/must be like local or local:processes=2,threads=1/);
  },
);
