import { describe, expect, jest, test } from '@jest/globals';
import { cacheFolder } from '@dualprior/core';
import { peerPython } from '../../../../tools/setup/peer.mjs';
import { benchStage } from './bench-stage.ts';
import { experimentOf, STAGES } from './cases.ts';

jest.setTimeout(120_000);

const python = peerPython(cacheFolder());
if (!python) console.warn('The PyTorch counterparts are not timed: yarn bench --install-peer installs PyTorch.');

test('sides that StyleGAN2 has not are refused', () => {
  for (const stage of STAGES) {
    expect(() => experimentOf({ stage, size: 63, batch: 4 })).toThrow(
      '--size is 63, but stages are timed at a power of two',
    );
  }
});

(python ? describe : describe.skip)('a stage and its counterpart', () => {
  test('have the same parameters and take turns', async () => {
    const lines: string[] = [];
    const options = { rounds: 1, threads: 1, eager: false, log: (line: string) => void lines.push(line) };
    const result = await benchStage(
      { stage: 'fusion', size: 32, batch: 1 },
      { ...options, peer: { python: python!, version: '' } },
    );
    expect(lines.filter((line) => line.includes('left out'))).toEqual([]); // as it is where parameters differ
    expect(result.peers.map(({ name }) => name)).toEqual(['PyTorch eager']);
    expect(result.ratio).toBeCloseTo(result.ms / result.peers[0]!.ms);
    expect(result.peakBytes).toBeGreaterThan(5e7);
    expect(result.peers[0]!.peakBytes).toBeGreaterThan(5e7);
  });
});
