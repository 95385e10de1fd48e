import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Stream } from '@dualprior/core';
import { InceptionV3FidFeatures } from '../features/inception-v3-fid.ts';
import { InceptionV3Substitute } from '../features/inception-v3-substitute.ts';
import { FidInfinityMetric } from './fid-infinity.ts';
import { FidMetric } from './fid.ts';
import { KidMetric } from './kid.ts';
import {
  isNoReference,
  isSetMetric,
  measureImage,
  metrics,
  possibleColumns,
  type NoReferenceMetric,
} from './metric.ts';
import { PsnrMetric } from './psnr.ts';
import { extrapolatedFrechet, LEAST_SUBJECTS, subsetsOf } from './sets/extrapolated-frechet.ts';
import { ImageVectors } from './sets/image-vectors.ts';
import { polynomialMmd } from './sets/polynomial-mmd.ts';
import { writeVectors } from './sets/vectors-file.ts';
import { drawnExtractor } from './testing/drawn-extractor.ts';
import { writeNpz } from './testing/write-npz.ts';

const features = drawnExtractor();
const folder = mkdtempSync(join(tmpdir(), 'set-metrics-'));
const ALL = ['psnr', 'fid', 'fid_3', 'kid'];

describe('fid', () => {
  const fid = (statistics?: string) => new FidMetric({ features, ...(statistics !== undefined && { statistics }) });
  const warnings = (images: number, different: number, columns = ALL) =>
    fid().remarks({ images, different, columns }).warnings;

  test('says what it compares, by what', () => {
    expect(fid().remarks({ images: 30, different: 10, columns: ALL }).notes).toEqual([
      'fid, fid_3: 6 and 3 features, 30 restored against the 30 sharp test images, 10 of them different; drawn features, no resizing.',
    ]);
  });

  test('counts a face that is degraded several times once: n images have a covariance of n - 1 dimensions', () => {
    expect(warnings(7, 7)).toEqual([]);
    expect(warnings(9, 7)).toEqual([]);
    expect(warnings(6, 6)).toEqual([
      'fid is of 6 images, too few for its 6 features: a covariance is singular, and it is overestimated. Trust fid_3 and kid more.',
    ]);
    expect(warnings(9, 3)).toEqual([
      expect.stringMatching(/^fid is of 9 images against 3 different ones, .* Trust kid more\.$/),
      expect.stringMatching(
        /^fid_3 is of 9 images against 3 different ones, too few for its 3 features: .* kid more\.$/,
      ),
    ]);
  });

  test('advises only columns that the table has, under their names there', () => {
    expect(warnings(6, 6, ['fid', 'fid_3'])[0]).toMatch(/Trust fid_3 more\.$/);
    expect(warnings(3, 3, ['fid', 'fid_3'])[0]).toMatch(/Add the metric kid, which has no such bias\.$/);
    const substitute = new FidMetric({ features: drawnExtractor({ substitute: true }) });
    const columns = ['fid_substitute', 'fid_3_substitute', 'kid_substitute'];
    expect(substitute.remarks({ images: 9, different: 5, columns }).warnings).toEqual([
      expect.stringMatching(/^fid_substitute .* Trust fid_3_substitute and kid_substitute more\.$/),
    ]);
  });

  test('says of each column what it is against, where statistics are given', () => {
    const npz = join(folder, 'others.npz');
    const sigma = Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0));
    writeNpz(npz, { mu: [new Array<number>(6).fill(1), [6]], sigma: [sigma, [6, 6]] });
    const { notes, warnings: doubts } = fid(npz).remarks({ images: 9, different: 5, columns: ALL });
    expect(notes).toEqual([
      `fid: 6 features, 9 restored against the statistics in ${npz}; drawn features, no resizing.`,
      'fid_3: 3 features, 9 restored against the 9 sharp test images, 5 of them different; drawn features, no resizing.',
    ]);
    expect(doubts).toEqual([expect.stringMatching(/^fid: .*others\.npz does not say with which feature extractor/)]);
  });

  test('of kept vectors is of both layers, and warns by their count', () => {
    const file = join(folder, 'own.vectors');
    const images = [0, 1, 2, 3, 4].map((i) => [`${i}.png`, `print ${i}`] as const);
    const values = Float32Array.from({ length: 45 }, (_, i) => (i * i) % 11);
    const metric = fid(file);
    writeVectors(file, { source: metric.vectors.key, data: 'd', length: 9, images }, { count: 5, length: 9, values });
    const { notes, warnings: few } = metric.remarks({ images: 9, different: 9, columns: ['fid', 'fid_3'] });
    expect(notes).toEqual([expect.stringMatching(/^fid, fid_3: 6 and 3 features, 9 .* 5 images \(0\.png to 4\.png\)/)]);
    expect(few).toEqual([expect.stringMatching(/^fid is of 9 images against 5 different ones, too few for its 6/)]);
    const same = { count: 5, length: 9, values };
    const sharp = { count: 5, length: 9, values: values.map((value) => 2 * value) };
    const compared = metric.compare(same, sharp);
    expect(compared.map(({ value }) => value)).toEqual([expect.closeTo(0, 6), expect.closeTo(0, 6)]);
  });

  test('its contributions are what it changes by if an image counts for more, restored and sharp together', () => {
    const [count, times] = [20, 500];
    const drawn = (key: string, offset: number) => {
      const stream = new Stream(key);
      return Array.from({ length: count }, () => Array.from({ length: 9 }, () => stream.normal(offset, 1)));
    };
    const [restored, sharp] = [drawn('restored', 0.5), drawn('sharp', 0)];
    /** Each row so many times, and one of them once more. */
    const vectors = (rows: number[][], more: number[][] = []) => {
      const all = [...Array.from({ length: times }, () => rows).flat(), ...more];
      return { count: all.length, length: 9, values: Float32Array.from(all.flat()) };
    };
    const whole = fid().compare(vectors(restored), vectors(sharp));
    for (const index of [0, 7]) {
      const moved = fid().compare(vectors(restored, [restored[index]!]), vectors(sharp, [sharp[index]!]));
      moved.forEach(({ value }, layer) => {
        const { value: before, contributions } = whole[layer]!;
        const derivative = (value - before) * (count * times + 1);
        expect(before + derivative).toBeCloseTo(contributions[index]!, 1);
      });
    }
    for (const { value, contributions } of whole) {
      expect(contributions.reduce((sum, each) => sum + each, 0) / contributions.length).toBeCloseTo(value, 9);
    }
  });

  test('needs more than one image', () => {
    const one = { count: 1, length: 9, values: new Float32Array(9) };
    expect(() => fid().compare(one, one)).toThrow('A covariance needs at least 2 images, but there is 1.');
    expect(fid().minimumImages).toBe(2);
  });
});

describe('kid', () => {
  const kid = new KidMetric({ features, estimator: 'u-statistic' });

  test('says what it compares and never that the images are too few for its features', () => {
    expect(kid.remarks({ images: 6, different: 2, columns: ALL })).toEqual({
      notes: [
        'kid: polynomial kernel of degree 3, unbiased U-statistic of 6 restored against the 6 sharp test images, 2 of them different; drawn features, no resizing.',
      ],
      warnings: [],
    });
  });

  test('needs more than one sharp image, however often it is there', () => {
    const three = { count: 3, length: 9, values: Float32Array.from({ length: 27 }, (_, i) => i) };
    const one = { ...three, values: new Float32Array(27).fill(1) };
    expect(() => kid.compare(three, one)).toThrow('KID needs at least 2 images, but all 3 are one.');
    expect(kid.minimumImages).toBe(2);
  });
});

test('the weights of a file are called by its name and hash, unless they are the official ones, and vectors are identified by the hash alone', () => {
  const [one, other] = ['one.pth', 'other.pth'].map((name) => {
    const weights = join(folder, name);
    writeFileSync(weights, 'weights');
    return new ImageVectors(new InceptionV3FidFeatures({ weights }));
  }) as [ImageVectors, ImageVectors];
  expect(one.description).toBe(
    "pytorch-fid's InceptionV3 (weights one.pth, SHA-256 9a129038..., not the official file), images resized to 299x299 (bilinear, half-pixel centres, no antialiasing)",
  );
  expect(other.key).toBe(one.key);
});

test.each([
  [{ features: drawnExtractor(), side: 32 }, /`side` is 32, but "drawn" resizes images itself/],
  [
    { features: new InceptionV3Substitute({}), side: 74 },
    /`side` is 74, but "inception-v3-substitute" needs at least 75/,
  ],
  [{ features: drawnExtractor(), side: 128, protocol: 'clean-fid' as const }, /clean-fid resizes images to 299x299/],
])('a side that images cannot have is an error', (options, message) => {
  expect(() => new FidMetric(options)).toThrow(message);
});

test('the images of all of them need the sides that the extractor needs for its layers, or any where they are resized first', () => {
  const minimumSide = (names: readonly string[]) => 10 * names.length;
  const { sets } = drawnExtractor();
  const [own, resized] = [undefined, 64].map((side) =>
    drawnExtractor({ minimumSide, sets: { ...sets!, ...(side !== undefined && { side }) } }),
  ) as [typeof features, typeof features];
  const sides = (options: ConstructorParameters<typeof FidMetric>[0]) => [
    new FidMetric(options).minimumSide,
    new FidInfinityMetric(options).minimumSide,
    new KidMetric({ ...options, estimator: 'unbiased' }).minimumSide,
  ];
  expect(sides({ features: own })).toEqual([20, 20, 20]);
  expect(sides({ features: own, protocol: 'clean-fid' })).toEqual([1, 1, 1]);
  expect(sides({ features: resized })).toEqual([1, 1, 1]);
  expect(sides({ features: resized, side: 32 })).toEqual([1, 1, 1]);
});

test('every column that a metric has is among those that its class can have', () => {
  const substitute = drawnExtractor({ substitute: true });
  const made = [false, true].flatMap((isSubstitute) => {
    return (['pytorch-fid', 'clean-fid'] as const).flatMap((protocol) => {
      const by = { features: isSubstitute ? substitute : features, protocol };
      const all = [new KidMetric({ ...by, estimator: 'unbiased' }), new FidMetric(by), new FidInfinityMetric(by)];
      return all.flatMap(({ columns }) => columns);
    });
  });
  const official = made.map(({ name }) => name.replace('_3', '_192'));
  const possible = [KidMetric, FidMetric, FidInfinityMetric].flatMap(({ possibleColumns }) => possibleColumns);
  expect(possible.sort()).toEqual(official.sort());
});

test('statistics of others are of any number of images', () => {
  const npz = join(folder, 'any.npz');
  const sigma = Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0));
  writeNpz(npz, { mu: [new Array<number>(6).fill(1), [6]], sigma: [sigma, [6, 6]] });
  const { warnings, tooFew } = new FidMetric({ features, statistics: npz }).remarks({
    ...{ images: 6, different: 6, columns: ['fid', 'fid_3', 'kidney'] },
  });
  expect(tooFew).toEqual(['fid']);
  expect(warnings).toEqual([
    'fid is of 6 images, too few for its 6 features: a covariance is singular, and it is overestimated. Trust fid_3 more.',
    expect.stringMatching(/^fid: .*any\.npz does not say/),
  ]);
});

test('no claim is decided by columns of too few images', () => {
  const tooFew = (images: number, different: number) =>
    new FidMetric({ features }).remarks({ images, different, columns: ALL }).tooFew;
  expect([tooFew(7, 7), tooFew(6, 6), tooFew(9, 3)]).toEqual([[], ['fid'], ['fid', 'fid_3']]);
});

describe('fid of infinitely many', () => {
  const metric = new FidInfinityMetric({ features });

  test('says what it compares, and warns where half of the images are too few', () => {
    const remarks = (images: number, different: number) => metric.remarks({ images, different, columns: ALL });
    expect(remarks(14, 14)).toEqual({
      notes: [
        'fid_infinity, fid_3_infinity: FID of subsets from half to all of 14 restored against the 14 sharp test images, extrapolated to infinitely many; drawn features, no resizing.',
      ],
      ...{ warnings: [], tooFew: [] },
    });
    expect(remarks(24, 12)).toMatchObject({
      notes: [expect.stringContaining('24 restored against the 24 sharp test images, 12 of them different')],
      warnings: [
        'fid_infinity: half of the images, 6 different ones, are too few for its 6 features, so FID is no straight line along 1 / n.',
      ],
      tooFew: ['fid_infinity'],
    });
    expect(remarks(6, 6).tooFew).toEqual(['fid_infinity', 'fid_3_infinity']);
    expect(metric.minimumImages).toBe(LEAST_SUBJECTS);
  });

  test('is of each layer what is extrapolated for it; faces that are there twice stay together', () => {
    const stream = new Stream('infinity');
    const count = 2 * LEAST_SUBJECTS;
    const draw = (mean: number) => Float32Array.from({ length: 9 * count }, () => stream.normal(mean, 1));
    const restored = { count, length: 9, values: draw(0.5) };
    const sharp = { count, length: 9, values: draw(0) };
    sharp.values.copyWithin((9 * count) / 2, 0, (9 * count) / 2); // each is there twice
    const subjects = Array.from({ length: count }, (_, i) => i % (count / 2));
    const expected = [0, 1].map((layer) => {
      const [ours, theirs] = [restored, sharp].map((all) => metric.vectors.layer(all, layer));
      return extrapolatedFrechet(ours!, subsetsOf(theirs!, subjects)).value;
    });
    for (let times = 0; times < 2; times++) {
      expect(metric.compare(restored, sharp).map(({ value }) => value)).toEqual(expected);
    }
  });
});

test('kid is that of its estimator, of the deepest layer', () => {
  const stream = new Stream('kid');
  const draw = () => ({ count: 8, length: 9, values: Float32Array.from({ length: 72 }, () => stream.normal(0, 1)) });
  const [restored, sharp] = [draw(), draw()];
  for (const estimator of ['u-statistic', 'unbiased'] as const) {
    const metric = new KidMetric({ features, estimator });
    const [x, y] = [restored, sharp].map((all) => metric.vectors.layer(all, 0));
    for (let times = 0; times < 2; times++) {
      expect(metric.compare(restored, sharp)[0]!.value).toBe(polynomialMmd(x!, y!, estimator).value);
    }
  }
  const { notes } = new KidMetric({ features, estimator: 'unbiased' }).remarks({
    images: 8,
    different: 8,
    columns: [],
  });
  expect(notes[0]).toContain('unbiased estimate for independent sets of 8 restored');
});

test('metrics of sets make their extractor ready and free it', async () => {
  const calls: string[] = [];
  const counted = drawnExtractor({
    prepare: async () => void calls.push('prepare'),
    dispose: () => void calls.push('dispose'),
  });
  const all = [
    new FidMetric({ features: counted }),
    new FidInfinityMetric({ features: counted }),
    new KidMetric({ features: counted, estimator: 'unbiased' }),
  ];
  for (const metric of all) {
    await metric.prepare();
    metric.dispose();
    expect(calls.splice(0)).toEqual(['prepare', 'dispose']);
  }
  const missing = new FidMetric({ features: counted, statistics: join(folder, 'missing.npz') });
  await expect(missing.prepare()).rejects.toThrow(/missing\.npz/);
  expect(calls).toEqual([]);
});

test('images at another side are called so, and have other vectors', () => {
  const sized = drawnExtractor({ sets: { ...drawnExtractor().sets!, side: 64, resizing: 'resized to 64x64' } });
  const [own, other] = [new ImageVectors(sized), new ImageVectors(sized, 'pytorch-fid', 32)];
  expect([own.description, other.description]).toEqual([
    'drawn features, resized to 64x64',
    'drawn features, resized to 32x32',
  ]);
  expect(other.key).not.toBe(own.key);
  expect(new ImageVectors(sized, 'pytorch-fid', 64).key).toBe(own.key);
  expect(() => new ImageVectors(new InceptionV3Substitute({}), 'pytorch-fid', 75)).not.toThrow(); // the least
});

test('what the options of a metric say: with which statistics it compares, and how many images it needs', () => {
  const about = (type: string, options: object = {}) => metrics.about({ type, ...options });
  expect(about('fid')).toEqual({ statistics: { name: 'statistics', value: undefined } });
  expect(about('fid', { statistics: 'a.npz' })).toEqual({ statistics: { name: 'statistics', value: 'a.npz' } });
  expect(about('fid-infinity')).toEqual({ minimumImages: 14 });
  for (const type of ['kid', 'psnr']) expect(about(type)).toEqual({});
});

describe('the values of one image', () => {
  const image = (level: number) => ({ width: 1, height: 1, data: Uint8Array.of(level, level, level) });
  const compares = new PsnrMetric({ channel: 'rgb', cropBorder: 0 });
  const rates: NoReferenceMetric = { columns: [], rate: ({ data }) => [data[0]!] };

  test('are those of the pair, or of the restored image alone', async () => {
    expect(await measureImage(compares, image(100), image(116))).toEqual([expect.closeTo(24.0484, 3)]); // 20 log10(255 / 16)
    expect(await measureImage(rates, image(7), undefined)).toEqual([7]);
    await expect(measureImage(compares, image(1), undefined)).rejects.toThrow('was given no sharp image');
  });

  test('are asked for by what a metric does', () => {
    const fid = new FidMetric({ features });
    expect([fid, compares, rates].map((metric) => [isSetMetric(metric), isNoReference(metric)])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
  });
});

test('columns of all classes are known, also where a class names none', () => {
  const names = possibleColumns();
  expect(names).toEqual(expect.arrayContaining(['psnr', 'fid', 'fid_192_clean_substitute', 'kid', 'fid_infinity']));
  expect(names.every((name) => typeof name === 'string')).toBe(true);
});
