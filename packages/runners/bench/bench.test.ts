import { describe, expect, test } from '@jest/globals';
import { catalogue, peakMemory } from '@dualprior/core';
import '../index.ts';
import { benchCases, leftOut, type Wanted } from './cases.ts';
import { createBenched, missingOptions } from './network.ts';
import { watchOtherLoad } from './other-load.ts';
import { median, type BenchResult } from './run-bench.ts';
import { benchText } from './text.ts';

describe('cases', () => {
  test('are a training step and an inference of every network, at the stated sizes', () => {
    const names = benchCases({}).map(({ name }) => name);
    for (const { declaration } of catalogue.components('network')) {
      for (const mode of ['train', 'inference']) expect(names).toContain(`${declaration.type} ${mode} 2x64x64`);
    }
    expect(leftOut()).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining([
        'nafnet train 2x64x64',
        'nafnet train 2x128x128',
        'nafnet inference 2x64x64',
        'hinet train 2x64x64',
      ]),
    );
    const [nafnet] = benchCases({ network: 'nafnet' });
    expect(nafnet!.network).toMatchObject({ width: 32, encoderBlocks: [1, 1, 1, 28], middleBlocks: 1 });
    expect(nafnet!.optimizer).toMatchObject({ type: 'adamw', clipNorm: 0.01, learningRate: 0.001 });
  });

  test('of a network that is made for one size make it for the size that is timed', () => {
    const sizes = (wanted: Wanted) => benchCases(wanted).map(({ network, shape }) => [network['size'], shape[1]]);
    const modes = ['train' as const];
    expect(sizes({ network: 'gpen', modes })).toEqual([[64, 64]]);
    expect(sizes({ network: 'gpen', modes, sizes: [16, 32] })).toEqual([
      [16, 16],
      [32, 32],
    ]);
    expect(sizes({ network: 'stylegan2-generator', modes, set: ['size=32'] })).toEqual([[32, 32]]);
  });

  test('name an option that a network needs, and how it is given', () => {
    expect(missingOptions({ type: 'gfpgan', maxChannels: 4 }, ['narrow=1'])).toEqual([
      { name: 'size', meaning: 'height and width of the images, in pixels' },
    ]);
    expect(missingOptions({ type: 'gfpgan' }, ['size=16'])).toEqual([]);
    expect(() => createBenched({ type: 'gfpgan' })).toThrow(
      /"gfpgan" cannot be benched without its option "size"[^]*--set size=VALUE/,
    );
  });

  test('take options, sizes, batch and mode', () => {
    const wanted = {
      network: 'hinet',
      set: ['depth=3', 'imageChannels=1'],
      sizes: [8, 20],
      batch: 3,
      modes: ['train' as const],
    };
    const cases = benchCases(wanted);
    expect(cases.map(({ name, shape }) => [name, shape])).toEqual([
      ['hinet train 3x8x8', [3, 8, 8, 1]],
      ['hinet train 3x20x20', [3, 20, 20, 1]],
    ]);
  });

  test.each([
    ['a network that is none', { network: 'nafnt' }, /no network "nafnt"; did you mean "nafnet"\? Networks: .*hinet/],
    ['an option that is none', { network: 'nafnet', set: ['widht=3'] }, /no option "widht"[^]*did you mean "width"/],
    ['an option out of range', { network: 'nafnet', set: ['width=0'] }, /width[^]*1/],
    ['a size that does not fit', { network: 'hinet', sizes: [50] }, /multiples of 16, but --size is 50.*48/],
    ['two sizes', { network: 'gpen', set: ['size=32'], sizes: [64] }, /made for images of 32x32.*but --size is 64/],
    ['a batch that fits nowhere', { network: 'nafnet', sizes: [8192], batch: 4096 }, /at most 67108864/],
    ['options of no network', { set: ['width=3'] }, /--network/],
  ])('refuse %s', (_, wanted, message) => {
    expect(() => benchCases(wanted)).toThrow(message);
  });
});

describe('reports', () => {
  const result: BenchResult = {
    name: 'nafnet train 2x64x64',
    ms: 50,
    cpuMs: 80,
    imagesPerSecond: 40,
    startBytes: 3e8,
    peakBytes: 5e8,
    devicePeakBytes: null,
    traceSeconds: 2.5,
    parameters: 100,
    eager: null,
    peers: [{ name: 'PyTorch eager', ms: 100, cpuMs: 200, startBytes: 2e8, peakBytes: 1e9, devicePeakBytes: null }],
    ratio: 0.5,
    ratioToBest: 0.5,
    cpuRatio: 0.4,
    memoryRatio: 0.5,
    memoryAboveStartRatio: 0.25,
    deviceMemoryRatio: null,
    otherLoad: 0.02,
  };

  test('are tables with a row for each process', () => {
    const text = benchText([result]);
    expect(text).toMatch(/nafnet train 2x64x64 +50\.0 +80\.0 +40\.0 +300 +500 +2\.5\n/);
    expect(text).toMatch(/PyTorch eager +100\.0 +200\.0 +20\.0 +200 +1000 +0\.50 +0\.40 +0\.25\n/);
    expect(text).not.toMatch(/busy/);
  });

  test("show a GPU's memory where there is one", () => {
    const peers = [{ ...result.peers[0]!, devicePeakBytes: 4e9 }];
    const text = benchText([{ ...result, devicePeakBytes: 1e9, peers }]);
    expect(text).toMatch(/peak MB +GPU MB/);
    expect(text).toMatch(/PyTorch eager .* 1000 +4000 +0\.50 +0\.40 +0\.25\n/);
    expect(benchText([result])).not.toMatch(/GPU MB/);
  });

  test('say where the machine was busy or has no /proc', () => {
    expect(benchText([{ ...result, otherLoad: 1.25 }])).toMatch(/busy: other processes used 1\.3 cores/);
    expect(benchText([{ ...result, startBytes: null, peakBytes: null }])).toMatch(/no \/proc +no \/proc/);
  });

  test('medians', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });

  test('the peak of this process, and none without /proc', () => {
    expect(peakMemory()).toBeGreaterThan(0.9 * process.memoryUsage.rss()); // Linux counts pages in batches
    expect(peakMemory('/no/such/file')).toBeNull();
  });

  test("the load is other processes', not our own", () => {
    const load = watchOtherLoad([process.pid]);
    const until = performance.now() + 100;
    while (performance.now() < until);
    const gone = watchOtherLoad([2 ** 30]);
    expect(load()).toBeGreaterThanOrEqual(0);
    expect(gone()).toBeNull();
  });
});
