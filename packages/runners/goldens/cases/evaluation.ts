import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { loadExperiment, type NdArray, type StateDict } from '@dualprior/core';
import { parse } from 'csv-parse/sync';
import { Console } from '../../console/console.ts';
import { png } from '../../inference/sheet.ts';
import { runExperiment } from '../../experiment/run.ts';
import { withFiles, type Files } from '../component.ts';
import type { Golden, GoldenFamily } from '../golden.ts';
import { eightBit, named } from './eight-bit.ts';

interface Filter {
  readonly name: string;
  /** (out, in, 3, 3), added to the image. */
  readonly kernel: readonly (readonly (readonly (readonly number[])[])[])[];
  readonly bias: readonly number[];
}

/**
 * The case `evaluation`: an experiment without stages, from its file to its table. Its methods are NAFNets without blocks whose weights make
 * them filters; its metrics see with the extractors of the case. `table.COLUMN` has a row for the input and for each method,
 * `images.COLUMN` the values of their images.
 */
export const evaluation: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'evaluation',

  compute: (golden) =>
    withFiles(async (files) => {
      const experiment = await experimentFile(golden, files);
      const runDir = join(files.folder, 'run');
      const console = new Console(new Writable({ write: (_chunk, _encoding, done) => done() }));
      await runExperiment(loadExperiment(experiment), { runDir, console, signal: new AbortController().signal });
      const table = csv(join(runDir, 'results.csv'));
      const methods = table.map((row) => row['method']!);
      const images = methods.map((method) => csv(join(runDir, 'evaluation', method, 'metrics.csv')));
      return new Map(
        golden.outputs.map((output): [string, NdArray] => {
          const [what, column] = output.split('.') as [string, string];
          return [output, what === 'table' ? ofTable(table, column) : ofImages(images, column)];
        }),
      );
    }),
};

async function experimentFile(golden: Golden, files: Files): Promise<string> {
  const weights = golden.weights();
  const filters = golden.manifest.config['methods'] as Filter[];
  const root = join(files.folder, 'images');
  mkdirSync(root);
  for (const name of Object.keys(golden.manifest.tensors).filter((tensor) => /^image\d+$/.test(tensor))) {
    writeFileSync(join(root, `${name}.png`), await png(eightBit(golden, name)));
  }
  const inception = named(weights, /^inception:/);
  const features = {
    type: 'inception-v3-fid',
    weights: files.write('inception', new Map([...inception].map(([name, tensor]) => [name.slice(10), tensor]))),
  };
  const blocks = { encoderBlocks: [], middleBlocks: 0, decoderBlocks: [] };
  const experiment = {
    name: 'evaluation',
    store: join(files.folder, 'store'),
    runtime: { device: 'cpu', workers: 0 },
    degradations: { blocks: { type: 'downsample', factor: 2, down: 'nearest', up: 'nearest' } },
    data: { test: { type: 'image-folder', root, degradation: 'blocks' } },
    networks: Object.fromEntries(
      filters.map((filter) => [
        filter.name.toLowerCase(),
        { type: 'nafnet', width: 4, ...blocks, weights: files.write(filter.name, filterWeights(filter)) },
      ]),
    ),
    methods: Object.fromEntries(filters.map(({ name }) => [name, { type: 'regression', network: name.toLowerCase() }])),
    metrics: {
      perceptual: {
        type: 'lpips',
        features: { type: 'alexnet', weights: files.write('alexnet', named(weights, /^features\./)) },
        heads: files.write('heads', named(weights, /^lin\d/)),
      },
      psnr: { type: 'psnr' },
      kid: { type: 'kid', features },
      ssim: { type: 'ssim' },
      fid: { type: 'fid', features },
      luma: { type: 'psnr', channel: 'y', cropBorder: golden.manifest.config['cropBorder'] },
    },
    evaluation: { data: 'test', batch: 3, images: 1 },
    tracking: null,
  };
  const file = join(files.folder, 'experiment.yaml');
  writeFileSync(file, JSON.stringify(experiment));
  return file;
}

/** The first convolution passes the three channels on, with a fourth that nothing uses; the last one is the filter. */
function filterWeights({ kernel, bias }: Filter): StateDict {
  const first = Float32Array.from({ length: 4 * 3 * 9 }, (_, i) => {
    const [out, of, place] = [Math.floor(i / 27), Math.floor(i / 9) % 3, i % 9];
    return out === of && place === 4 ? 1 : 0;
  });
  const last = kernel.flatMap((of) => [...of.flat(2), ...new Array<number>(9).fill(0)]);
  return new Map([
    ['intro.weight', { shape: [4, 3, 3, 3], values: first }],
    ['intro.bias', { shape: [4], values: new Float32Array(4) }],
    ['ending.weight', { shape: [3, 4, 3, 3], values: Float32Array.from(last) }],
    ['ending.bias', { shape: [3], values: Float32Array.from(bias) }],
  ]);
}

type Row = Readonly<Record<string, string>>;

function csv(file: string): Row[] {
  return parse(readFileSync(file, 'utf8'), { columns: true });
}

function ofTable(rows: readonly Row[], column: string): NdArray {
  return { shape: [rows.length], values: Float64Array.from(rows, (row) => Number(row[column])) };
}

function ofImages(groups: readonly (readonly Row[])[], column: string): NdArray {
  const values = groups.flatMap((rows) => rows.map((row) => Number(row[column])));
  return { shape: [groups.length, groups[0]!.length], values: Float64Array.from(values) };
}
