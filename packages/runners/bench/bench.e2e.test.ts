import { describe, expect, jest, test } from '@jest/globals';
import { cacheFolder } from '@dualprior/core';
import { peerPython } from '../../../tools/setup/peer.mjs';
import '../index.ts';
import { benchCases } from './cases.ts';
import { FORMS, formName, type Form } from './peer.ts';
import { profileText } from './profile.ts';
import { runBench, type BenchOptions } from './run-bench.ts';
import { sideBySide, sideBySideText } from './side-by-side.ts';
import { long } from '../testing/long.ts';

jest.setTimeout(240_000);

const TINY = ['width=4', 'encoderBlocks=[1]', 'middleBlocks=1', 'decoderBlocks=[1]'];

const lines: string[] = [];
const options: BenchOptions = { device: 'auto', rounds: 2, eager: false, log: (line) => void lines.push(line) };

describe('a bench', () => {
  test('times compiled and eager steps', async () => {
    const [one] = benchCases({ network: 'nafnet', set: TINY, sizes: [16], modes: ['train'] });
    const result = await runBench(one!, { ...options, eager: true, profile: true });
    const { modules, types, ms, tensorflowMs, javascriptMs } = result.profile!;
    expect(tensorflowMs + javascriptMs).toBeCloseTo(ms);
    expect(modules.find(({ path }) => path === 'encoders.0.0')).toMatchObject({
      forwardMs: expect.any(Number),
      gradientMs: expect.any(Number),
    });
    expect(types.find(({ type }) => /Conv2D$/.test(type))!.count).toBeGreaterThan(1);
    expect(profileText(result.name, result.profile!)).toMatch(/encoders\.0 .*%[^]*Conv2D/);
    expect(result).toMatchObject({
      name: 'nafnet train 2x16x16',
      peers: [],
      ratio: null,
      ratioToBest: null,
      memoryRatio: null,
      memoryAboveStartRatio: null,
    });
    expect(result.ms).toBeGreaterThan(0);
    expect(result.imagesPerSecond).toBeCloseTo(2000 / result.ms);
    expect(result.peakBytes).toBeGreaterThan(5e7);
    expect(result.devicePeakBytes).toBeNull();
    expect(result.traceSeconds * 1000).toBeGreaterThan(result.ms);
    expect(result.eager!.ms).toBeGreaterThan(result.ms);
    expect(lines).toContain('nafnet train 2x16x16: round 2 of 2');
  });

  test('of inference', async () => {
    const [one] = benchCases({ network: 'nafnet', set: TINY, sizes: [16], modes: ['inference'] });
    expect((await runBench(one!, options)).ms).toBeGreaterThan(0);
  });

  test('that fails says why', async () => {
    const [one] = benchCases({ network: 'nafnet', set: TINY, sizes: [16], modes: ['train'] });
    const wrong = { ...one!, shape: [2, 16, 16, 4] as const };
    await expect(runBench(wrong, options)).rejects.toThrow(/an image has 4 channels/);
  });
});

const python = peerPython(cacheFolder());
if (!python) console.warn('The PyTorch counterparts are not tested: yarn bench --install-peer installs PyTorch.');

// torch.compile takes a minute, and is the same code.
const forms: Form[] = process.env['DUALPRIOR_TEST_PEER'] ? [...FORMS] : ['eager'];

(python ? describe : describe.skip)('the PyTorch counterparts', () => {
  test.each([
    ['nafnet', TINY],
    ['hinet', ['width=4', 'depth=2']],
  ])('%s has our parameters and is timed', async (network, set) => {
    const [one] = benchCases({ network, set, sizes: [16], modes: ['train'] });
    const result = await runBench(one!, {
      ...options,
      rounds: 1,
      threads: 1,
      peer: { python: python!, version: '' },
      forms,
    });
    const missing = lines.filter((line) => line.includes('left out'));
    expect({ missing, peers: result.peers.map(({ name }) => name) }).toEqual({
      missing: [],
      peers: forms.map(formName),
    });
    expect(result.ratio).toBeCloseTo(result.ms / result.peers[0]!.ms);
    expect(result.ratioToBest).toBeGreaterThanOrEqual(result.ratio!);
    expect(result.memoryRatio).toBeGreaterThan(0);
    for (const { startBytes, peakBytes } of [result, result.peers[0]!]) {
      expect(startBytes).toBeGreaterThan(5e7);
      expect(startBytes).toBeLessThan(peakBytes!);
    }
    expect(result.memoryAboveStartRatio).toBeGreaterThan(0);
  });
});

long('processes side by side: their steps add up', async () => {
  const [one] = benchCases({ network: 'nafnet', set: TINY, sizes: [16], modes: ['train'] });
  const result = await sideBySide(one!, 2, { device: 'cpu', rounds: 1, eager: false, log: () => {} });
  const { alone, together, throughput } = result;
  expect(throughput).toBeGreaterThan(0.2);
  expect(throughput).toBeLessThan(20);
  expect([alone, together].every((ms) => ms > 0)).toBe(true);
  expect(sideBySideText({ ...result, alone: 30, together: 32, throughput: 1.875, otherLoad: 0 })).toBe(
    'nafnet train 2x16x16: 2 processes of one thread do 1.88 times as much as one (30.0 ms per step alone, 32.0 ms together; other processes used 0.0 cores)',
  );
});
