import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import { parse } from 'yaml';
import { long } from '../testing/long.ts';

jest.setTimeout(300_000);

const ROOT = resolve(import.meta.dirname, '../../..');
let folder: string;
let grey: Buffer;

function write(name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function command(name: string, ...parameters: string[]) {
  const { DUALPRIOR_HOME: _home, ...env } = process.env;
  const run = [join(ROOT, 'tools', 'run.mjs'), name, ...parameters];
  const options = { encoding: 'utf8', cwd: folder, env: { ...env, INIT_CWD: folder } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, run, options);
  return { code: status, out: stdout, err: stderr };
}

/** A network in TypeScript that imports another file without its ending; there is no package.json that says what the files are. */
const NETWORK = `
  import { networks, type Restoration, type Restorer } from '@dualprior/blocks';
  import { Conv2d, Module } from '@dualprior/core/nn';
  import { Type, type Static } from '@sinclair/typebox';
  import * as tf from '@tensorflow/tfjs-core';
  import type { Tensor4D } from '@tensorflow/tfjs-core';
  import { scaled } from './scaled';

  const Options = Type.Object({ width: Type.Integer({ minimum: 1, default: 4, description: 'channels of its one layer' }) });

  @networks.component({ type: 'two-layers', description: 'two convolutions', options: Options })
  export class TwoLayers extends Module implements Restorer {
    readonly multiple = 1;
    readonly first: Conv2d;
    readonly last: Conv2d;

    constructor({ width }: Static<typeof Options>) {
      super();
      this.first = new Conv2d(3, width, { kernel: 3, padding: 1 });
      this.last = new Conv2d(width, 3, { kernel: 3, padding: 1 });
    }

    restore(degraded: Tensor4D): Restoration {
      const features = tf.relu(this.first.forward(degraded));
      return { image: tf.add(degraded, scaled(this.last.forward(features))), auxiliary: [] };
    }
  }
`;

/** A package in JavaScript, with a degradation that worker threads make. */
const DEGRADATION = `
  import { degradations } from '@dualprior/blocks';
  import { Type } from '@sinclair/typebox';

  export class Darker {
    bind() {
      return ({ width, height, data }) => ({ width, height, data: data.map((value) => value / 2) });
    }
  }
  degradations.component({ type: 'darker', description: 'half as bright', options: Type.Object({}) })(Darker, { kind: 'class' });
`;

const EXPERIMENT = `
  extends: ${join(ROOT, 'experiments', 'smoke.yaml')}
  plugins: [../code/network.ts, darkness]
  runtime: { workers: 2 }
  degradations: { blur: { type: darker } }
  networks: { nafnet: { type: two-layers }, hinet: null }
  stages: { hinet: null }
  methods: { HINet: null }
`;

beforeAll(async () => {
  const create = { width: 20, height: 12, channels: 3, background: 'grey' } as const;
  grey = await sharp({ create }).png().toBuffer();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'plugins-')));
  write('code/network.ts', NETWORK);
  write(
    'code/scaled.ts',
    `import * as tf from '@tensorflow/tfjs-core';\nexport const scaled = (x: tf.Tensor4D): tf.Tensor4D => tf.mul(x, 0.5);\n`,
  );
  const exported = { '.': { require: './missing.cjs', import: './lib/main.js' } };
  const manifest = { name: 'darkness', version: '1.0.0', type: 'module', exports: exported };
  write('node_modules/darkness/package.json', JSON.stringify(manifest));
  write('node_modules/darkness/lib/main.js', `export * from './darker.js';\n`);
  write('node_modules/darkness/lib/darker.js', DEGRADATION);
  write('files/base.yaml', EXPERIMENT);
  write('files/deeper/mine.yaml', 'extends: ../base.yaml\nname: mine\n');
});

const MINE = 'files/deeper/mine.yaml';

describe('components from outside', () => {
  let run: string;

  test('are trained and evaluated beside the file, with worker threads, and found again', () => {
    const first = command('experiment', MINE, '--json');
    expect(first).toMatchObject({ code: 0 });
    const { runDir, stages } = JSON.parse(first.out) as { runDir: string; stages: { name: string; action: string }[] };
    run = runDir;
    expect(dirname(run)).toBe(join(folder, 'files', 'deeper', 'runs'));
    expect(first.err).toContain(
      `  store ${join(folder, 'files', 'deeper', 'runs', 'store')}\n  run directory ${run}\n`,
    );
    expect(stages.map(({ name, action }) => `${name} ${action}`)).toEqual(['nafnet trained']);
    const kept = parse(readFileSync(join(run, 'experiment.yaml'), 'utf8')) as unknown;
    const plugins = ['code/network.ts', 'node_modules/darkness/lib/main.js'].map((name) => join(folder, name));
    expect(kept).toMatchObject({ plugins, store: join(dirname(run), 'store') });

    const again = command('experiment', join(run, 'experiment.yaml'), '--json');
    expect(JSON.parse(again.out)).toMatchObject({ runDir: run, stages: [{ name: 'nafnet', action: 'reused' }] });
  });

  long('have reports, comparisons and sweeps', () => {
    expect(command('report', run)).toMatchObject({ code: 0 });
    const swept = command(
      'experiment',
      MINE,
      '--sweep',
      'networks.nafnet.width=2',
      '--launcher',
      'local:processes=2',
      '--json',
    );
    expect(swept).toMatchObject({ code: 0 });
    const { variants } = JSON.parse(swept.out) as {
      variants: { variant: string; runDir: string | null; error: string | null }[];
    };
    expect(variants.map(({ variant, error }) => [variant, error])).toEqual([
      ['', null],
      ['width=2', null],
    ]);
    const other = variants[1]!.runDir!;
    expect(command('compare', run, other)).toMatchObject({ code: 0, out: expect.stringContaining('width=2') });
  });

  test.each(['--validate', '--plan', '--dry-run'])('%s', (flag) => {
    expect(command('experiment', MINE, flag, '--set', 'stages.nafnet.iterations=11')).toMatchObject({ code: 0 });
  });

  test('are listed, with the files that declare them', () => {
    const { code, out } = command('components', '--experiment', MINE);
    expect(code).toBe(0);
    expect(out).toContain(join(folder, 'code', 'network.ts'));
    expect(out).toMatch(/two-layers \(network\) +two convolutions\n +width +channels of its one layer/);
    expect(out).toMatch(/darker \(degradation\) +half as bright/);
    expect(out).not.toContain('hinet');
  });

  test('edits of their code are noticed, also in what they import', () => {
    write(
      'code/scaled.ts',
      `import * as tf from '@tensorflow/tfjs-core';\nexport const scaled = (x: tf.Tensor4D): tf.Tensor4D => tf.mul(x, 0.25);\n`,
    );
    const { code, out, err } = command('experiment', MINE, '--json');
    expect(code).toBe(0);
    expect(err).toMatch(
      /Stage nafnet was trained by other code than this run's: 1 part edited since \(network two-layers\)/,
    );
    expect(JSON.parse(out)).toMatchObject({ stages: [{ name: 'nafnet', action: 'reused' }] });
  });
});

describe('a run of an example plugin', () => {
  const FILE = join(ROOT, 'examples', 'restormer', 'experiments', 'restormer-smoke.yaml');
  let run: string;

  beforeAll(() => {
    run = join(folder, 'restormer');
    const less = ['stages.nafnet=null', 'methods.NAFNet=null', 'stages.restormer.iterations=2', `store=${run}-store`];
    const set = less.flatMap((each) => ['--set', each]);
    expect(command('experiment', FILE, ...set, '--run-dir', run)).toMatchObject({ code: 0 });
    writeFileSync(join(folder, 'grey.png'), grey);
  });

  test('restores photographs', () => {
    const { code, out, err } = command('restore', 'grey.png', '--run', run, '--output', 'restored', '--json');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(JSON.parse(out)).toMatchObject({ files: [{ status: 'restored' }] });
  });

  test('serves', async () => {
    const server = spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'serve', run, '--port', '0']);
    const [address] = (await once(createInterface(server.stdout), 'line')) as [string];
    const restored = await fetch(new URL('/restore', address), { method: 'POST', body: grey });
    const types = [restored.status, restored.headers.get('content-type')];
    const { port } = new URL(address);
    const second = command('serve', run, '--port', port);
    server.kill();
    await once(server, 'close');
    expect(types).toEqual([200, 'image/png']);
    expect(second).toMatchObject({ code: 2, err: expect.stringMatching(`Port ${port} is taken\\. [^\n]*\n$`) });
  });

  test('gives its weights away', () => {
    const { code, out } = command('weights', 'export', run, '--network', 'restormer.restormer', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ architecture: 'restormer' });
  });

  test('needs weights that are listed and fetched', () => {
    const set = ['--set', 'networks.restormer.weights=vgg19'];
    const { code, out } = command('weights', 'list', FILE, ...set, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ name: 'vgg19', options: ['networks.restormer.weights'] }]);
    expect(command('weights', 'fetch', FILE, '--json')).toMatchObject({ code: 0, out: '[]\n' });
  });
});

test.each<[string, ...string[]]>([
  ['report', 'received'],
  ['restore', 'files', '--run', 'received', '--output', 'out'],
  ['weights', 'export', 'received', '--network', 'nafnet.nafnet'],
])('a run directory cannot bring code of its own into %s', (name, ...parameters) => {
  write('received/experiment.yaml', `extends: ${join(ROOT, 'experiments', 'smoke.yaml')}\nplugins: [./evil.ts]\n`);
  write('received/evil.ts', `console.log('executed');\n`);
  const { code, out, err } = command(name, ...parameters);
  expect(code).toBe(2);
  expect(out + err).not.toContain('executed');
  expect(err).toContain('code of its own');
});

describe('a plugin that cannot be used is an error with its place', () => {
  const lines = (...text: string[]) => text.join('\n');

  test('all of them at once', () => {
    const files = {
      'throws.ts': lines('const x: number = 1;', '', `throw new Error('boom ' + x);`),
      'grammar.ts': lines('const x: number = 1;', 'const y = = x;'),
      'script.js': lines(`import '@dualprior/blocks';`, 'const y = = 1;'),
      'taken.ts': NETWORK.replace('two-layers', 'nafnet').replace(`'./scaled'`, `'../code/scaled.ts'`),
      'nothing.ts': 'export const nothing = 1;',
      'no-file.ts': lines('', `import './not-there.ts';`),
      'no-package.ts': lines('', '', `import pad from 'not-there-either';`, 'console.log(pad);'),
      'no-name.ts': lines(`import { Nothing } from '@dualprior/blocks';`, 'console.log(Nothing);'),
    };
    for (const [name, text] of Object.entries(files)) write(`wrong/${name}`, text);
    const list = Object.keys(files).map((name) => `./${name}`);
    write('wrong/wrong.yaml', `extends: ../${MINE}\nplugins: [${list.join(', ')}]\n`);
    const { code, out } = command('experiment', 'wrong/wrong.yaml', '--validate', '--json');
    expect(code).toBe(2);
    const { errors } = JSON.parse(out) as { errors: { file: string; line: number; message: string }[] };
    expect(errors.map(({ file, line }) => `${file}:${line}`)).toEqual(list.map(() => 'wrong/wrong.yaml:2'));
    const at = (place: string) => join(folder, 'wrong', place);
    expect(errors.map(({ message }) => message)).toEqual([
      `the plugin ./throws.ts cannot be imported\n  ${at('throws.ts:3:7')}: boom 1`,
      expect.stringContaining(`${at('grammar.ts:2:11')}: Unexpected "="`),
      expect.stringContaining(`${at('script.js:2:11')}: Unexpected "="`),
      expect.stringMatching(
        /wrong\/taken\.ts:12:\d+: There is a network of type "nafnet" already, declared in .*nafnet\.ts\. Give this one another name\.$/,
      ),
      expect.stringContaining('the plugin ./nothing.ts declares no component'),
      expect.stringContaining(`${at('no-file.ts:2')}: Cannot find module`),
      expect.stringContaining(`${at('no-package.ts:3')}: Cannot find package 'not-there-either'`),
      expect.stringContaining(
        `${at('no-name.ts:1')}: The requested module '@dualprior/blocks' does not provide an export`,
      ),
    ]);
  });
});
