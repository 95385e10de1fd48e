import { expect, jest, test } from '@jest/globals';
import { catalogue } from '@dualprior/core';
import '../index.ts';
import { SMALL_NETWORKS } from '../stages/testing/small-networks.ts';
import { benchCases } from './cases.ts';
import { Workload } from './workload.ts';

jest.setTimeout(240_000);

const networks = catalogue.components('network').map(({ declaration }) => declaration.type);

test.each(networks)('a bench of %s steps in its training and infers', (network) => {
  const { type: _, ...small } = { type: network, ...SMALL_NETWORKS[network] };
  const set = Object.entries(small).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  for (const one of benchCases({ network, set, sizes: [16] })) {
    const compile = network === 'nafnet'; // compiled-step.training.test.ts compiles them all
    const workload = new Workload({ ...one, device: 'auto', runtime: { compile, recompute: false } });
    const before = workload.parameters.vector.dataSync().slice();
    workload.step();
    expect(before.some((number, i) => number !== workload.parameters.vector.dataSync()[i])).toBe(one.mode === 'train');
    workload.parameters.dispose();
  }
});
