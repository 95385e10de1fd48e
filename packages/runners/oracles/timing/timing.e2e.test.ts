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
    expect(() => experimentOf({ stage, size: 63, batch: 4, channels: 128 })).toThrow(
      '--size is 63, but stages are timed at a power of two',
    );
  }
});

(python ? describe : describe.skip)('a stage and its counterpart', () => {
  // With frozen networks, with averages, with a fixed part. The path length penalty takes half a batch, so there are two images.
  test.each(['fusion', 'gan', 'gfpgan'] as const)('have the same parameters and take turns: %s', async (stage) => {
    const lines: string[] = [];
    const options = { rounds: 1, threads: 1, eager: false, log: (line: string) => void lines.push(line) };
    const small = { stage, size: 32, batch: 2, channels: 8 };
    const result = await benchStage(small, { ...options, peer: { python: python!, version: '' } });
    expect(lines.filter((line) => line.includes('left out'))).toEqual([]); // as it is where parameters differ
    expect(result.peers.map(({ name }) => name)).toEqual(['PyTorch eager']);
    expect(result.ratio).toBeCloseTo(result.ms / result.peers[0]!.ms);
    expect(result.peakBytes).toBeGreaterThan(5e7);
    expect(result.peers[0]!.peakBytes).toBeGreaterThan(5e7);
  });
});
