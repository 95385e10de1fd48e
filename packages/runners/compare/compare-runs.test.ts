import { describe, expect, test } from '@jest/globals';
import { compareRuns } from './compare-runs.ts';
import type { ComparedRun } from './read-run.ts';
import { comparisonText } from './tables.ts';

const COLUMNS = [
  { name: 'psnr', better: 'higher', digits: 2 },
  { name: 'lpips', better: 'lower', digits: 4 },
] as const;

interface Given {
  readonly seed?: number;
  readonly width?: number;
  readonly loss?: object;
  /** Added to the PSNR of each image of the method. */
  readonly gain?: number;
  readonly images?: readonly string[];
  /** Added to the PSNR of the degraded images. */
  readonly blur?: number;
}

function run({
  seed = 0,
  width = 16,
  loss = { type: 'l1', weight: 1 },
  gain = 0,
  images = ['a', 'b', 'c'],
  blur = 0,
}: Given): ComparedRun {
  const method = (more: number) => {
    const psnr = images.map((_, i) => 20 + (i % 3) + more);
    const lpips = images.map((_, i) => 0.1 * (i % 3));
    const values = [psnr, lpips].map((all) => all.reduce((sum, value) => sum + value, 0) / all.length);
    return {
      values,
      images: {
        names: images,
        columns: new Map([
          ['psnr', psnr],
          ['lpips', lpips],
        ] as const),
      },
    };
  };
  return {
    path: `runs/${width}-${seed}`,
    name: `name-${width}`,
    seed,
    config: {
      name: `name-${width}`,
      seed,
      networks: { net: { type: 'nafnet', width } },
      stages: { first: { type: 'regression', loss }, prior: { type: 'gan', ...(seed > 0 && { seed: 0 }) } },
    },
    columns: COLUMNS,
    methods: new Map([
      ['input', method(blur)],
      ['Net', method(gain)],
    ] as const),
  };
}

test('runs of equal configuration are one variant, whatever their names and seeds', () => {
  const runs = [run({}), run({ width: 32 }), run({ seed: 1 }), run({ seed: 1, width: 32 })];
  const { variants } = compareRuns(runs);
  expect(variants.map(({ name, runs: own }) => [name, own.map(({ seed }) => seed)])).toEqual([
    ['base', [0, 1]],
    ['width=32', [0, 1]],
  ]);
  expect([...variants[1]!.options]).toEqual([['networks.net.width', '32']]);
});

test('variants with the same new component are distinguished by its options', () => {
  const losses = [
    { type: 'huber', delta: 1, weight: 2 },
    { type: 'huber', delta: 4, weight: 2 },
    { type: 'mse', weight: 1 },
  ];
  const { variants } = compareRuns([run({}), ...losses.map((loss, i) => ({ ...run({ loss }), path: `runs/${i}` }))]);
  expect(variants.map(({ name }) => name)).toEqual(['base', 'loss=huber, delta=1', 'loss=huber, delta=4', 'loss=mse']);
  expect(variants.map(({ options }) => Object.fromEntries(options))).toEqual([
    { 'stages.first.loss': 'l1' },
    { 'stages.first.loss': 'huber', 'stages.first.loss.delta': '1' },
    { 'stages.first.loss': 'huber', 'stages.first.loss.delta': '4' },
    { 'stages.first.loss': 'mse' },
  ]);
});

test('variants have the names that are given, and are distinguished where these are equal', () => {
  const names = new Map([
    ['runs/32-0', 'wide'],
    ['runs/64-0', 'wide'],
  ]);
  const { variants } = compareRuns([run({}), run({ width: 32 }), run({ width: 64 })], names);
  expect(variants.map(({ name }) => name)).toEqual(['base', 'wide', 'wide (2)']);
});

test('another component is one difference, not one for each of its options', () => {
  const { variants } = compareRuns([
    run({}),
    run({ loss: { type: 'psnr', toY: false } }),
    run({ loss: { type: 'l1', weight: 2 } }),
  ]);
  expect(variants.map(({ name }) => name)).toEqual(['base', 'loss=psnr', 'weight=2']);
});

test('mean and standard deviation over seeds: those of 21, 22 and 26', () => {
  const { rows } = compareRuns([run({ gain: 0 }), run({ seed: 1, gain: 1 }), run({ seed: 2, gain: 5 })]);
  const net = rows.find(({ method }) => method === 'Net')!;
  expect(net.seeds).toEqual([0, 1, 2]);
  expect(net.values[0]!.mean).toBeCloseTo(23, 12);
  expect(net.values[0]!.deviation).toBeCloseTo(Math.sqrt((4 + 1 + 9) / 2), 12);
  expect(net.differences).toBeUndefined();
});

test('differences are those of the same method of the first variant', () => {
  const { rows } = compareRuns([run({}), run({ width: 32, gain: 0.5 })]);
  const found = rows.filter(({ variant }) => variant === 'width=32');
  const [input, net] = found.map(({ differences }) => differences!.map((difference) => difference!.value));
  expect(input).toEqual([0, 0]);
  expect(net![0]).toBeCloseTo(0.5, 12);
});

describe('the tables', () => {
  const images = Array.from({ length: 12 }, (_, i) => `image ${i}`);
  const comparison = compareRuns([run({ images }), run({ images, width: 32, gain: 0.5 })]);

  test('say what differs, the values, and what is better', () => {
    const text = comparisonText(comparison);
    expect(text).toMatch(/^base +16 +0$/m);
    expect(text).toMatch(/^width=32 +32 +0$/m);
    expect(text).toMatch(/^base +Net +21\.00 +0\.1000$/m);
    expect(text).toMatch(/^width=32 +Net +\+0\.50 \[\+0\.50, \+0\.50\] better +the same$/m);
    expect(text).toContain('One seed: intervals are over images');
  });

  test('as CSV, in full precision', () => {
    const lines = comparisonText(comparison, 'csv').split('\n');
    expect(lines[0]).toBe('variant,method,column,seeds,mean,deviation,difference,low,high,images');
    expect(lines).toContain('base,Net,psnr,1,21,,,,,');
    expect(lines).toContain('width=32,Net,psnr,1,21.5,,0.5,0.5,0.5,12');
  });

  test('for Markdown and LaTeX', () => {
    expect(comparisonText(comparison, 'md')).toContain('| base | Net | 21.00 | 0.1000 |');
    expect(comparisonText(comparison, 'latex')).toContain('psnr $\\uparrow$ & lpips $\\downarrow$ \\\\');
  });
});

describe('bad input', () => {
  test('other test images: values are shown, differences are refused with the reason', () => {
    const { rows, notes } = compareRuns([run({}), run({ width: 32, images: ['a', 'b', 'd'] })]);
    expect(rows.at(-1)!.values[0]!.mean).toBeCloseTo(21, 12);
    expect(rows.at(-1)!.differences).toEqual([undefined, undefined]);
    expect(notes.join(' ')).toContain(
      'runs/32-0 was measured on other test images than runs/16-0: image 3 is d, not c.',
    );
  });

  test('images of the same names that are degraded in another way are other images', () => {
    const { rows, notes } = compareRuns([run({}), run({ width: 32, blur: 2 }), run({ width: 64, images: ['a', 'b'] })]);
    expect(rows.slice(2).flatMap(({ differences }) => differences)).toEqual(new Array(8).fill(undefined));
    expect(notes.join(' ')).toContain('no paired differences of width=32');
    expect(notes.join(' ')).toContain('a is degraded in another way: its psnr is 22, not 20.');
    expect(notes.join(' ')).toContain('it has 2 of them, not 3.');
  });

  test('values that differ by rounding are of the same images', () => {
    const { rows } = compareRuns([run({}), run({ width: 32, blur: 1e-6 })]);
    expect(rows.at(-1)!.differences![0]).toBeDefined();
  });

  test('the same experiment and seed twice', () => {
    expect(() => compareRuns([run({}), run({})])).toThrow('same experiment with the same seed, 0');
  });

  test('no runs', () => {
    expect(() => compareRuns([])).toThrow('no runs');
  });
});
