import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cacheFolder, catalogue, loadEngine, Parameters, Random, writeSafetensors, type Module } from '@dualprior/core';
import { Value } from '@sinclair/typebox/value';
import { build, stop, type BuildResult } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findBrowser } from '../../../tools/setup/browser.mjs';
import '../index.ts';
import { computed, type Call } from './testing/computed.ts';

jest.setTimeout(120_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const FOLDER = resolve(import.meta.dirname, '..');

/** Packages of others that may be in the bundle; the last three are what TensorFlow.js's packages use. */
const ALLOWED = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-cpu',
  '@sinclair/typebox',
  'seedrandom',
  'long',
  'tslib',
];

interface Bundled {
  readonly bundle: { readonly computed: typeof computed };
}

/** All networks and losses for a browser: one script, which leaves what it exports in the variable `bundle`. */
async function bundle(): Promise<BuildResult<{ write: false; metafile: true }>> {
  const files = ['network', 'loss'].flatMap((kind) => catalogue.components(kind).map(({ file }) => file));
  const own = files.filter((file) => file.startsWith(FOLDER)).map((file) => `./${relative(FOLDER, file)}`);
  const imports = ['@tensorflow/tfjs-backend-cpu', ...own].map((name) => `import '${name}';\n`);
  return await build({
    stdin: { contents: `${imports.join('')}export * from './networks/testing/computed.ts';`, resolveDir: FOLDER },
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'bundle',
    platform: 'browser',
    target: 'es2022', // no browser has decorators
    logLevel: 'silent',
  });
}

const SIZE = { size: 16, channels: { 4: 8, 8: 6, 16: 4 } };
const STYLE = { styleWidth: 8, mappingLayers: 2 };
const IMAGE = [2, 16, 16, 3];

/** Each network, small, and what it is asked for. */
const CALLS: readonly (readonly [string, string, { options?: object; inputs?: number[][]; method: string }])[] = [
  ['nafnet', '', { options: { width: 4, encoderBlocks: [1, 1], decoderBlocks: [1, 1] }, method: 'restore' }],
  ['hinet', '', { options: { width: 4, depth: 3, hinPositionLeft: 0, hinPositionRight: 2 }, method: 'restore' }],
  ['gfpgan', ', clean', { options: { ...SIZE, ...STYLE }, method: 'restore' }],
  ['gfpgan', ', original', { options: { ...SIZE, ...STYLE, architecture: 'original' }, method: 'restore' }],
  ['gpen', '', { options: { ...SIZE, ...STYLE }, method: 'restore' }],
  ['fusion', '', { options: { width: 4, blocks: 2 }, inputs: [IMAGE, IMAGE], method: 'fuse' }],
  ['stylegan2-generator', '', { options: { ...SIZE, ...STYLE }, inputs: [[2, 8]], method: 'synthesize' }],
  ['stylegan2-discriminator', '', { options: SIZE, method: 'score' }],
  ['psp-encoder', '', { options: { width: 2, styles: 4, styleWidth: 8 }, inputs: [[1, 64, 64, 3]], method: 'predict' }],
  [
    'bdinvert-encoder',
    '',
    {
      options: { inputSize: 16, resolution: 4, featureChannels: 6, filterMin: 4, filterMax: 8 },
      method: 'predictFeature',
    },
  ],
  [
    'inversion-encoder',
    '',
    {
      options: { size: 64, resolution: 8, featureChannels: 6, latents: 2, styleWidth: 8, filterMin: 4, filterMax: 8 },
      inputs: [[1, 64, 64, 3]],
      method: 'encode',
    },
  ],
  ['facial-component-discriminator', '', { options: { width: 4 }, method: 'judge' }],
];

/** The call with drawn inputs, and drawn weights near those that the network begins with, so that nothing is left at zero. */
function drawn(type: string, { options = {}, inputs = [IMAGE], method }: (typeof CALLS)[number][2]): Call {
  const component = catalogue.find('network', type)!;
  const all = Value.Default(component.declaration.options, { ...options }) as object;
  const network = new component.create(all) as Module;
  const random = new Random(0);
  const fresh = new Parameters(network, random);
  const weights = new Map(
    [...fresh.stateDict()].map(([name, { shape, values }]) => {
      const stream = random.stream('drawn', name);
      return [name, { shape, values: values.map((value) => value + stream.uniform(-0.1, 0.1)) }];
    }),
  );
  fresh.dispose();
  const file = join(mkdtempSync(join(tmpdir(), 'browser-')), 'weights.safetensors');
  writeSafetensors(file, weights);
  const tensors = inputs.map((shape, i) => {
    const stream = random.stream('input', i);
    return { shape, values: Array.from({ length: shape.reduce((a, b) => a * b) }, () => stream.uniform()) };
  });
  return { type, options: all, method, inputs: tensors, weights: readFileSync(file, 'base64') };
}

let built: Awaited<ReturnType<typeof bundle>>;
beforeAll(async () => {
  loadEngine();
  built = await bundle();
});

afterAll(() => stop());

test('all networks and losses are bundled for a browser, and nothing of Node or native code with them', () => {
  const inputs = Object.keys(built.metafile.inputs);
  const components = ['networks/nafnet.ts', 'networks/gfpgan.ts', 'losses/identity.ts', 'losses/lpips.ts'];
  expect(inputs).toEqual(expect.arrayContaining(components.map((file) => `packages/blocks/${file}`)));
  // What a package of others names in its package.json to be left out in browsers is "disabled": an empty file.
  const others = inputs.filter((path) => !/^(<stdin>$|packages\/(core|blocks)\/|\(disabled\):)/.test(path));
  const packages = new Set(others.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? path));
  expect([...packages].filter((name) => !ALLOWED.includes(name))).toEqual([]);
  expect(inputs).not.toContain('packages/core/index.ts');
  expect(Object.values(built.metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
});

test('each network of the catalogue is asked for', () => {
  const types = catalogue.components('network').map(({ declaration }) => declaration.type);
  expect([...new Set(CALLS.map(([type]) => type))].sort()).toEqual(types);
});

const program = findBrowser(cacheFolder());
if (!program) process.stderr.write('networks do not run in a browser: there is none (npm run setup -- --browser)\n');
const inBrowser = program ? describe : describe.skip;

inBrowser('in Chromium, from a checkpoint in memory', () => {
  let browser: Browser;
  let page: Page;
  const trouble: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ ...program!, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('pageerror', (error) => trouble.push(String(error.stack)));
    await page.addScriptTag({ content: built.outputFiles[0]!.text });
    expect(trouble).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
  });

  test.each(CALLS)('%s%s computes what it computes in Node', async (type, _, asked) => {
    const call = drawn(type, asked);
    const expected = computed(call);
    const found = await page.evaluate((given) => (globalThis as unknown as Bundled).bundle.computed(given), call);
    expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
    expect(Math.max(...expected.flat().map(Math.abs))).toBeGreaterThan(0.1);
    const differences = expected.flatMap((values, i) => values.map((value, k) => Math.abs(value - found[i]![k]!)));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });
});
