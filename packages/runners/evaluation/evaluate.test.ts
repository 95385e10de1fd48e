import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { directSampler, PsnrMetric, SsimMetric, type ImageMetric, type SetMetric } from '@dualprior/blocks';
import { constant, Interrupted, loadEngine, Module, Parameter, Parameters, Random, UserError } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { parse } from 'csv-parse/sync';
import type { Console } from '../console/console.ts';
import type { Method } from '../methods/method.ts';
import {
  columnsOf,
  evaluate,
  imageFile,
  isThere,
  measuredCode,
  measuredIdentity,
  sourcesOf,
  type EvaluationOptions,
} from './evaluate.ts';
import { greys, SHARP } from './testing/greys.ts';

const SIDE = 12;
/** What degraded images are darker by: one is not degraded at all. */
const DARKER = [16, 8, 0, 4];

let folder: string;

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
});

const pixel = { channel: 'rgb', cropBorder: 0 } as const;

function options(change: Partial<EvaluationOptions> = {}): EvaluationOptions {
  const console = { progress: () => ({ update: () => {}, stop: () => {} }) } as unknown as Console;
  return {
    data: greys(DARKER, SIDE),
    metrics: [new PsnrMetric(pixel), new SsimMetric(pixel)],
    sharp: new Map(),
    batch: 3,
    images: 0,
    compile: true,
    sampler: directSampler,
    console,
    signal: new AbortController().signal,
    ...change,
  };
}

/** PSNR of grey images that differ by so much (10 log10 (255^2 / MSE)). */
const psnrOf = (difference: number) => 20 * Math.log10(255 / difference);

/** SSIM of two flat images is its luminance term (Wang et al. 2004, equation 6). */
const ssimOf = (x: number, y: number) => (2 * x * y + 2.55 ** 2) / (x ** 2 + y ** 2 + 2.55 ** 2);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const brighter: Method = {
  multiple: 1,
  parameters: 0,
  restore: (images) => tf.add<Tensor4D>(images, 2 / 255),
};

describe('an evaluation', () => {
  test('gives each column the mean of its own values', async () => {
    const { values, infinite } = await evaluate('Brighter', brighter, 'id', folder, options());
    const left = DARKER.map((difference) => difference - 2);
    expect(values).toEqual([
      expect.closeTo(mean(left.map((each) => psnrOf(Math.abs(each)))), 10),
      expect.closeTo(mean(left.map((each) => ssimOf(SHARP, SHARP - each))), 10),
    ]);
    expect(infinite).toEqual({});
    const table = parse(readFileSync(join(folder, 'metrics.csv')), { columns: true }) as Record<string, string>[];
    expect(table.map(({ image }) => image)).toEqual(DARKER.map((_, i) => `grey-${i}.png`));
    expect(values).toEqual(['psnr', 'ssim'].map((name) => mean(table.map((row) => Number(row[name])))));
    for (const { ssim } of table) expect(Number(ssim)).toBeLessThanOrEqual(1);
  });

  test('saves so many images, and all where there are fewer', async () => {
    for (const [images, saved] of [
      [0, 0],
      [2, 2],
      [3, 3],
      [9, 4],
    ] as const) {
      const own = join(folder, String(images));
      await evaluate('input', undefined, 'id', own, options({ images }));
      const names = Array.from({ length: saved }, (_, i) => `000${i}.png`);
      expect(readdirSync(join(own, 'images')).sort()).toEqual(names);
    }
  });

  test('makes the vectors of images once for all metrics that compare the same ones', () => {
    const set = (key: string) => ({ columns: [], compare: () => [], vectors: { key } }) as unknown as SetMetric;
    const [a, b, again] = [set('a'), set('b'), set('a')];
    expect(sourcesOf([new PsnrMetric(pixel), a, b, again]).map(({ key }) => key)).toEqual(['a', 'b']);
    expect(sourcesOf([new PsnrMetric(pixel)])).toEqual([]);
  });

  test('leaves infinite values out of the mean and counts them, also when they were measured before', async () => {
    const first = await evaluate('input', undefined, 'id', folder, options());
    expect(first.values[0]).toBeCloseTo(mean([16, 8, 4].map(psnrOf)), 10);
    expect(first.values[1]).toBeCloseTo(mean(DARKER.map((each) => ssimOf(SHARP, SHARP - each))), 10);
    expect(first.infinite).toEqual({ psnr: 1 });
    expect(JSON.parse(readFileSync(join(folder, 'values.json'), 'utf8'))).toMatchObject({ psnr_infinite: 1 });
    const measured: number[] = [];
    const counting: ImageMetric = { columns: [], measure: () => (measured.push(1), []) };
    const metrics = [...options().metrics, counting];
    expect(await evaluate('input', undefined, 'id', folder, options({ metrics }))).toEqual(first);
    expect(measured).toEqual([]);
  });

  test('goes through the images batch by batch, the last one smaller, and no further', async () => {
    const done: number[] = [];
    const console = { progress: () => ({ update: (count: number) => void done.push(count), stop: () => {} }) };
    await evaluate('Brighter', brighter, 'id', folder, options({ console: console as unknown as Console }));
    expect(done).toEqual([3, 4]);
  });

  test('measures again what an older version has added up to infinity', async () => {
    const { values } = await evaluate('input', undefined, 'id', folder, options());
    writeFileSync(join(folder, 'values.json'), JSON.stringify({ psnr: 'Infinity', ssim: values[1] }));
    rmSync(join(folder, 'checksums.sha256')); // which it did not write
    expect((await evaluate('input', undefined, 'id', folder, options())).values).toEqual(values);
  });

  test('keeps by what code it was made, where that is known', async () => {
    expect(measuredCode(folder)).toBeUndefined();
    const code = { R: 'a', metrics: 'b' } as unknown as NonNullable<EvaluationOptions['code']>;
    await evaluate('input', undefined, 'id', folder, options({ code }));
    expect(measuredCode(folder)).toEqual(code);
    writeFileSync(join(folder, 'code.json'), '{');
    expect(measuredCode(folder)).toBeUndefined();
  });

  describe('that was done before', () => {
    /** What a second one measures (greys) and says, after this. */
    async function again(identity: string, change: () => void, more: Partial<EvaluationOptions> = {}) {
      await evaluate('input', undefined, 'id', folder, options({ images: 2 }));
      change();
      const [measured, warned]: [number[], string[]] = [[], []];
      const [psnr] = options().metrics as [ImageMetric];
      const counting: ImageMetric = {
        ...psnr,
        columns: psnr.columns,
        measure: (restored, sharp) => {
          measured.push(restored.data[0]!);
          return psnr.measure(restored, sharp);
        },
      };
      const console = { ...options().console, warn: (line: string) => void warned.push(line) } as unknown as Console;
      const metrics = [counting, options().metrics[1]!];
      const { values } = await evaluate(
        'input',
        undefined,
        identity,
        folder,
        options({ images: 2, metrics, console, ...more }),
      );
      expect(values[0]).toBeCloseTo(mean([16, 8, 4].map(psnrOf)), 10);
      expect(measuredIdentity(folder)).toBe(identity);
      expect(readdirSync(join(folder, 'images')).sort()).toEqual(['0000.png', '0001.png']);
      return { measured, warned };
    }

    const all = DARKER.map((difference) => SHARP - difference);

    test('is not done again', async () => {
      expect(await again('id', () => {})).toEqual({ measured: [], warned: [] });
    });

    test('is, where it is of something else or a picture is missing', async () => {
      expect(await again('other', () => {})).toEqual({ measured: all, warned: [] });
      expect(await again('other', () => rmSync(join(folder, 'images', '0001.png')))).toEqual({
        measured: all,
        warned: [],
      });
    });

    test('is, where a file is damaged, which is said', async () => {
      for (const name of ['metrics.csv', 'values.json', 'images/0001.png']) {
        const file = join(folder, name);
        const { measured, warned } = await again('id', () => writeFileSync(file, 'x'));
        expect({ measured, warned }).toEqual({
          measured: all,
          warned: [`${file} is damaged. input is measured again.`],
        });
      }
    });
  });

  test('that is interrupted continues with the next batch, unless it is of something else', async () => {
    const shown: unknown[][] = [];
    const run = async (stopAfter: number, identity = 'id') => {
      const abort = new AbortController();
      const restored: number[] = [];
      const counting: Method = {
        ...brighter,
        restore: (images) => {
          restored.push(images.shape[0]);
          return brighter.restore(images);
        },
      };
      let stopped = 0;
      const update = (done: number) => done >= stopAfter && abort.abort();
      const progress = (...all: unknown[]) => {
        shown.push(all);
        return { update, stop: () => void stopped++ };
      };
      const own = { console: { progress } as unknown as Console, signal: abort.signal, compile: false };
      const result = await evaluate('Ours', counting, identity, folder, options({ ...own, batch: 1 })).catch(
        (error: unknown) => error,
      );
      expect(stopped).toBe(1);
      return { restored, result };
    };
    const first = await run(2);
    expect([first.restored, first.result]).toEqual([[1, 1], expect.any(Interrupted)]);
    const second = await run(Infinity);
    expect(second.restored).toEqual([1, 1]);
    expect(shown).toEqual([
      ['Ours', 4, 0, 'images'],
      ['Ours', 4, 2, 'images'],
    ]);
    const whole = await evaluate('Ours', brighter, 'id', join(folder, 'whole'), options());
    expect(second.result).toEqual(whole);
    expect(existsSync(join(folder, 'partial'))).toBe(false);
    await run(2, 'other');
    expect((await run(Infinity, 'third')).restored).toEqual([1, 1, 1, 1]);
  });

  test('of no images is an error', async () => {
    const none = { ...greys([1], SIDE), length: 0 };
    await expect(evaluate('input', undefined, 'id', folder, options({ data: none }))).rejects.toThrow(
      'There are no test images, so there is nothing to measure.',
    );
  });

  test('of images that all equal the sharp ones is infinite', async () => {
    const equal = options({ data: greys([0, 0], SIDE) });
    expect(await evaluate('input', undefined, 'id', folder, equal)).toEqual({
      values: [Infinity, 1],
      infinite: { psnr: 2 },
    });
  });
});

class Layer extends Module {
  readonly weight = new Parameter<Tensor1D>([3], constant(1), 'channels');

  constructor(private readonly compute: (x: Tensor4D) => Tensor4D) {
    super();
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.mul(this.compute(x), this.weight.value);
  }
}

class Network extends Module {
  readonly intro = new Layer((x) => x);
  readonly blocks: Layer[];

  constructor(compute: (x: Tensor4D) => Tensor4D) {
    super();
    this.blocks = [new Layer((x) => x), new Layer(compute), new Layer((x) => x)];
  }
}

describe('output that is not finite', () => {
  /** Restores through a network whose second block computes this. */
  function restoring(compute: (x: Tensor4D) => Tensor4D): Method {
    const network = new Network(compute);
    const parameters = new Parameters(network, new Random(0));
    const forward = (x: Tensor4D) => network.blocks.reduce((y, block) => block.forward(y), network.intro.forward(x));
    return { multiple: 1, parameters: 0, restore: (images) => parameters.use(() => forward(images)) };
  }

  const AT_84 = (SHARP - 16) / 255;

  test.each([
    ['NaN', (x: Tensor4D) => tf.sqrt(tf.sub<Tensor4D>(x, 90 / 255))],
    ['infinity', (x: Tensor4D) => tf.div<Tensor4D>(x, tf.relu(tf.sub(x, 90 / 255)))],
  ])('is an error with the method, the image and the first module: %s', async (_, compute) => {
    expect(AT_84).toBeLessThan(90 / 255);
    for (const compile of [true, false]) {
      const darker = [0, 8, 4, 2, 16, 0];
      const running = evaluate(
        'Ours',
        restoring(compute),
        'id',
        folder,
        options({ data: greys(darker, SIDE), compile }),
      );
      await expect(running).rejects.toThrow(
        /^The method "Ours" returns numbers that are not finite for grey-4\.png: `blocks\.1` of Network is the first module/,
      );
      await expect(running).rejects.toBeInstanceOf(UserError);
    }
    expect(readdirSync(folder).sort()).toEqual(['images', 'partial']);
  });

  test('is one too where no module makes it', async () => {
    const method: Method = { ...brighter, restore: (images) => tf.log(tf.mul<Tensor4D>(images, 0)) };
    await expect(evaluate('Ours', method, 'id', folder, options())).rejects.toThrow(
      /for grey-0\.png: the results of all modules are finite, but not what is made of them/,
    );
  });

  test('a metric that is NaN is an error with the method and the image', async () => {
    const broken: ImageMetric = {
      columns: [{ name: 'lpips', better: 'lower', digits: 4 }],
      measure: (restored, sharp) => [restored.data[0] === sharp.data[0]! - 8 ? NaN : 0],
    };
    await expect(evaluate('input', undefined, 'id', folder, options({ metrics: [broken] }))).rejects.toThrow(
      'The metric lpips is NaN for the method "input" on grey-1.png',
    );
  });
});

test('a folder has an identity once its values are there as well', async () => {
  expect(measuredIdentity(folder)).toBeUndefined();
  await evaluate('Brighter', brighter, 'id', folder, options());
  expect(measuredIdentity(folder)).toBe('id');
  rmSync(join(folder, 'values.json'));
  expect(measuredIdentity(folder)).toBeUndefined();
});

test('a file is there if something is in it', () => {
  const file = join(folder, 'a.png');
  expect(isThere(file)).toBe(false);
  writeFileSync(file, '');
  expect(isThere(file)).toBe(false);
  writeFileSync(file, 'x');
  expect(isThere(file)).toBe(true);
});

test('images are called by their numbers, columns as their metrics call them', () => {
  expect(imageFile('/run', 12)).toBe('/run/images/0012.png');
  expect(columnsOf([new SsimMetric(pixel), new PsnrMetric(pixel)]).map(({ name }) => name)).toEqual(['ssim', 'psnr']);
});
