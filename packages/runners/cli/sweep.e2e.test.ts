import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';

jest.setTimeout(300_000);

const ROOT = resolve(import.meta.dirname, '../../..');

interface Document {
  readonly variants: readonly {
    readonly variant: string;
    readonly seed: number;
    readonly runDir: string | null;
    readonly run: { readonly stages: readonly { readonly name: string; readonly action: string }[] } | null;
    readonly error: string | null;
  }[];
  readonly page: string | null;
  readonly overSeeds: readonly unknown[];
  readonly comparison: { readonly rows: readonly { readonly variant: string; readonly method: string }[] };
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweep-'));
});

function sweep(...more: string[]) {
  const own = ['--set', `store=${join(folder, 'store')}`, '--run-dir', join(folder, 'runs'), '--set', 'tracking=null'];
  const program = [join(ROOT, 'tools', 'run.mjs'), 'experiment', join(ROOT, 'experiments', 'smoke.yaml'), '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...own, ...more], { encoding: 'utf8' });
  return { status, stderr, document: JSON.parse(stdout) as Document };
}

// One network is made wider; the other one is the same in both variants. In some the images are too small for the crop.
const GRID = ['--sweep', 'networks.nafnet.width=8,4'];
const TOO_LARGE = ['--sweep', 'stages.nafnet.batch.crop=16,64'];

test('what variants have in common is trained once, side by side; one that fails stops no other', () => {
  const { status, stderr, document } = sweep(...GRID, ...TOO_LARGE, '--launcher', 'local:processes=2');
  expect(status).toBe(1);
  expect(document.variants.map(({ variant, error }) => [variant, error === null])).toEqual([
    ['', true],
    ['width=8, crop=16', true],
    ['width=8, crop=64', false],
    ['width=4, crop=16', true],
    ['width=4, crop=64', false],
  ]);
  expect(document.variants[2]!.error).toContain('crop');
  expect(stderr.match(/stage hinet begins/g)).toHaveLength(1);
  expect(stderr.match(/stage nafnet begins/g)).toHaveLength(5);
  const actions = document.variants.flatMap(({ run }) => run?.stages.map(({ action }) => action) ?? []);
  expect(actions).toEqual(new Array(6).fill('reused'));
  expect(document.comparison.rows.map(({ variant, method }) => `${variant} ${method}`)).toEqual([
    'base input',
    'base NAFNet',
    'base HINet',
    ...['width=8, crop=16', 'width=4, crop=16'].flatMap((name) => [`${name} input`, `${name} NAFNet`, `${name} HINet`]),
  ]);
  const runs = readdirSync(join(folder, 'runs'));
  expect(runs.filter((name) => name !== 'logs')).toHaveLength(4); // and the page
  const logs = readdirSync(join(folder, 'runs', 'logs'));
  expect(logs.filter((name) => /^(nafnet|hinet)-[0-9a-f]+\.log$/.test(name))).toHaveLength(6); // as many as stages
  const page = readFileSync(document.page!, 'utf8');
  expect(document.page).toBe(join(folder, 'runs', 'smoke-comparison.html'));
  expect(page).toContain('width=4, crop=16');
  expect(page).toContain('<details class="curves" open>');
});

test('the same sweep again takes all that is there, and gives the same tables; compare reads the runs', () => {
  const { status, document } = sweep(...GRID, '--sweep', 'stages.nafnet.batch.crop=16');
  expect(status).toBe(0);
  const actions = document.variants.flatMap(({ run }) => run!.stages.map(({ action }) => action));
  expect(new Set(actions)).toEqual(new Set(['reused']));
  const runs = document.variants.map(({ runDir }) => runDir!);
  const program = [join(ROOT, 'tools', 'run.mjs'), 'compare', ...runs, '--format', 'csv'];
  const { stdout } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  const [psnr] = readFileSync(join(runs[1]!, 'results.csv'), 'utf8').split('\n')[2]!.split(',').slice(1);
  expect(stdout).toContain(`crop=16,NAFNet,psnr,1,${psnr},`);
});

test('--serve starts the server of a tracker, and there must be one', () => {
  const { status, stderr } = sweep(...GRID, '--serve');
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('--serve has no server to') });
});
