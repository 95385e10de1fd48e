import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Network } from '@dualprior/blocks';
import { catalogue, writeTorchFile } from '@dualprior/core';
import '../../index.ts';
import { describeWeights } from './describe.ts';

const FUSION = { width: 2, blocks: 1, normalization: 'batch', imageChannels: 3 };
const HINET = { width: 2, depth: 2, reluSlope: 0.2, hinPositionLeft: 0, hinPositionRight: 4, imageChannels: 1 };

/** All tensors of a network below a name, full of zeros; counters are integers. */
function tensorsOf(type: string, options: object, prefix: string) {
  const module = new (catalogue.find('network', type)!.create)(options) as Network;
  return [...module.parameters(), ...module.buffers()].map(([name, { shape, size }]) => {
    const isCounter = name.endsWith('num_batches_tracked');
    const tensor = { shape, values: new Float32Array(size), ...(isCounter && { dtype: 'I64' as const }) };
    return [`${prefix}${name}`, tensor] as const;
  });
}

function written(tensors: Parameters<typeof writeTorchFile>[1]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'describe-')), 'w.pth');
  writeTorchFile(file, tensors);
  return file;
}

test('a file of one network is described without a part', () => {
  const file = written(tensorsOf('fusion', FUSION, 'params.'));
  expect(describeWeights({ file })).toEqual([
    {
      architecture: 'fusion',
      options: FUSION,
      // Two 3x3 convolutions of 3 channels to 2, two of 2 to 2, two norms, one of 2 to 3; all with biases.
      parameters: 2 * (54 + 2) + 2 * (36 + 2) + 2 * 4 + (54 + 3),
      wrapper: 'params',
      part: null,
      dtype: 'float32',
      notes: [],
    },
  ]);
});

test('a file of two networks says the part, the other, and what it does not tell', () => {
  const file = written([
    ...tensorsOf('hinet', { ...HINET, initialization: 'pytorch' }, 'r.'),
    ...tensorsOf('fusion', FUSION, 'f.'),
  ]);
  const [first, second] = describeWeights({ file });
  expect(first).toMatchObject({
    architecture: 'hinet',
    options: HINET,
    wrapper: 'r',
    part: 'r',
    notes: ['reluSlope is 0.2, the official default: neither names nor shapes tell it', 'it also holds f, fusion'],
  });
  expect(second).toMatchObject({ architecture: 'fusion', part: 'f', notes: ['it also holds r, hinet'] });
  expect(describeWeights({ file, part: 'f' })).toMatchObject([{ architecture: 'fusion', wrapper: 'f', part: null }]);
});
