import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Random } from '@dualprior/core';
import { parse } from 'csv-parse/sync';
import { long } from '../testing/long.ts';

jest.setTimeout(240_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const SMOKE = join(ROOT, 'experiments', 'smoke.yaml');

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'experiment-')));
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function command(place: string, ...more: string[]): string[] {
  const own = ['--set', `store=${join(folder, place, 'store')}`, '--run-dir', join(folder, place, 'run')];
  return [join(ROOT, 'tools', 'run.mjs'), 'experiment', SMOKE, ...own, ...more];
}

function experiment(place: string, ...more: string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, command(place, ...more), { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

interface Stop {
  readonly signal: NodeJS.Signals;
  /** Milliseconds after the start, or after this, given what the child wrote to standard error. */
  readonly after: number;
  readonly ready?: (err: string) => boolean;
}

interface Started {
  readonly child: ChildProcess;
  readonly err: () => string;
  readonly ended: Promise<Ended>;
}

/** Starts an experiment, the leader of a process group of its own. */
function started(place: string, ...more: string[]): Started {
  const child = spawn(process.execPath, command(place, ...more), { detached: true });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += String(text)));
  child.stderr.on('data', (text) => (err += String(text)));
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, out, err })));
  return { child, err: () => err, ended };
}

async function until(ready: () => boolean): Promise<void> {
  while (!ready()) await setTimeout(20);
}

/** Starts an experiment and sends a signal to it and all that it started. */
async function stopped({ signal, after, ready }: Stop, place: string, ...more: string[]): Promise<Ended> {
  const { child, err, ended } = started(place, ...more);
  await until(() => child.exitCode !== null || ready === undefined || ready(err()));
  await Promise.race([setTimeout(after), ended]);
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // it was quicker
  }
  return ended;
}

/** What a run computed: the weights of all stages bit by bit, the table, the curves. */
function computed(place: string): unknown {
  const stages = join(folder, place, 'run', 'stages');
  const weights = readdirSync(stages).flatMap((stage) =>
    ['best', 'last'].map((file) => readFileSync(join(stages, stage, `${file}.safetensors`)).toString('base64')),
  );
  const curves = readdirSync(stages).map((stage) =>
    readFileSync(join(stages, stage, 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; key?: string; step?: number; value?: number })
      .filter(({ event }) => event === 'metric')
      .map(({ key, step, value }) => [key, step, value]),
  );
  return { weights, curves, results: readFileSync(join(folder, place, 'run', 'results.csv'), 'utf8') };
}

describe('the whole path', () => {
  let first: Ended;

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'experiment-')));
    first = experiment('a', '--json');
    wholeFolder = folder;
  });
  let wholeFolder: string;
  beforeEach(() => {
    folder = wholeFolder;
  });

  test('trains, evaluates and prints one JSON document', () => {
    expect(first).toMatchObject({ code: 0 });
    const { runDir, mlflow, tracking, results, stages } = JSON.parse(first.out) as {
      runDir: string;
      tracking: unknown;
      mlflow: unknown;
      results: { method: string; psnr: number; ssim: number }[];
      stages: { name: string; action: string }[];
    };
    expect(runDir).toBe(join(folder, 'a', 'run'));
    expect({ mlflow, tracking }).toEqual({ mlflow: null, tracking: [] });
    expect(results.map(({ method }) => method)).toEqual(['input', 'NAFNet', 'HINet']);
    for (const { psnr, ssim } of results) expect([Number.isFinite(psnr), Number.isFinite(ssim)]).toEqual([true, true]);
    expect(stages.map(({ name, action }) => `${name} ${action}`)).toEqual(['nafnet trained', 'hinet trained']);
  });

  test('each column of the table is the mean of its column of metrics.csv, each in its range', () => {
    const run = join(folder, 'a', 'run');
    const table = (file: string) => parse(readFileSync(join(run, file)), { columns: true }) as Record<string, string>[];
    const rows = table('results.csv');
    expect(rows.map(({ method }) => method)).toEqual(['input', 'NAFNet', 'HINet']);
    for (const row of rows) {
      const images = table(join('evaluation', row['method']!, 'metrics.csv'));
      for (const column of ['psnr', 'ssim']) {
        const values = images.map((image) => Number(image[column]));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(Number(row[column]) / mean).toBeCloseTo(1, 12);
      }
      expect(Number(row['ssim'])).toBeLessThanOrEqual(1);
      expect(Number(row['psnr'])).toBeGreaterThan(10);
    }
  });

  test('images that equal the sharp ones are counted in the table, its line, the CSV, the JSON and the journal', () => {
    const run = join(folder, 'a', 'exact');
    const untouched = ['degradations.none={type: noise, sigma: 0}', 'data.test.degradation=none'];
    const { code, out } = experiment(
      'a',
      ...['--run-dir', run, '--json'],
      ...untouched.flatMap((set) => ['--set', set]),
    );
    expect(code).toBe(0);
    const { results } = JSON.parse(out) as { results: Record<string, unknown>[] };
    expect(results[0]).toMatchObject({ method: 'input', psnr: null, psnr_infinite: 4, ssim: 1 });
    expect(readFileSync(join(run, 'results.csv'), 'utf8')).toMatch(
      /^method,psnr,ssim,psnr_infinite\ninput,Infinity,1,4\nNAFNet,[\d.]+,[\d.]+,0\n/,
    );
    expect(readFileSync(join(run, 'table.md'), 'utf8')).toContain(
      'psnr leaves out images that equal the sharp one, of which it is infinite: 4 of input.',
    );
    const records = readFileSync(join(run, 'journal.jsonl'), 'utf8');
    expect(records).toMatch(/"run":\["methods","input"\],"event":"metric","key":"psnr_infinite","value":4,/);
    expect(records).toContain('"key":"input.psnr_infinite","value":4,');
  });

  test('leaves what DESIGN names', () => {
    const run = join(folder, 'a', 'run');
    for (const file of [
      'experiment.yaml',
      'journal.jsonl',
      'results.csv',
      'table.md',
      'table.tex',
      'report.html',
      'figures',
      'evaluation',
      'stages',
    ]) {
      expect(readdirSync(run)).toContain(file);
    }
    expect(readFileSync(join(run, 'results.csv'), 'utf8')).toMatch(/^method,psnr,ssim\ninput,\d/);
    const perImage = readFileSync(join(run, 'evaluation', 'NAFNet', 'metrics.csv'), 'utf8')
      .trim()
      .split('\n');
    expect(perImage).toHaveLength(5);
    expect(perImage[0]).toBe('image,psnr,ssim');
  });

  test('the report says which checkpoint each stage gave, and why', () => {
    const page = readFileSync(join(folder, 'a', 'run', 'report.html'), 'utf8');
    expect(page.match(/iteration (5|10), best validation PSNR \d+\.\d\d dB/g)).toHaveLength(2);
  });

  test('the table says what each row cost, from the stages', () => {
    const table = readFileSync(join(folder, 'a', 'run', 'table.md'), 'utf8');
    expect(table).toMatch(/^\| method \| psnr ↑ \| ssim ↑ \| parameters \| images seen \| training \|$/m);
    expect(table).toMatch(/^\| NAFNet \| .* \| 19\.9 k \| 40 \| \d+ s \|$/m);
  });

  test('the report is an artifact of the run, and is written again from what the run has left', () => {
    const run = join(folder, 'a', 'run');
    const page = readFileSync(join(run, 'report.html'), 'utf8');
    expect(readFileSync(join(run, 'journal.jsonl'), 'utf8')).toContain('"path":"report.html","file":"report.html"');
    const report = (...more: string[]) =>
      spawnSync(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'report', run, ...more], { encoding: 'utf8' });
    writeFileSync(join(run, 'report.html'), '');
    expect(report('--json')).toMatchObject({
      status: 0,
      stdout: `${JSON.stringify({ report: join(run, 'report.html') })}\n`,
    });
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toBe(page);
    const claims = ['type=comparison', 'reference.name=Another', 'reference.rows.HINet.psnr=30'];
    expect(report(...claims.flatMap((claim) => ['--set', `report.${claim}`]))).toMatchObject({ status: 0 });
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('paper 30.00');
  });

  test('more images are kept where more are asked for', () => {
    const more = ['--run-dir', join(folder, 'a', 'kept'), '--set'];
    for (const images of [1, 2]) expect(experiment('a', ...more, `evaluation.images=${images}`).code).toBe(0);
    const kept = (name: string) => readdirSync(join(folder, 'a', 'kept', 'evaluation', name, 'images'));
    expect(kept('NAFNet')).toEqual(['0000.png', '0001.png']);
    expect(readFileSync(join(folder, 'a', 'kept', 'experiment.yaml'), 'utf8')).toContain('images: 2');
  });

  test('a report of a run that has no results says so', () => {
    const run = join(folder, 'no-run');
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'report', run], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `${run} is not a run directory (it has no experiment.yaml). \`yarn runs\` lists the run directories.\n`,
    });
  });

  test('steps run eagerly on samples of worker threads give the same numbers, bit for bit', () => {
    const set = ['--set', 'runtime.compile=false', '--set', 'runtime.workers=2'];
    expect(experiment('eager', ...set)).toMatchObject({ code: 0 });
    expect(computed('eager')).toEqual(computed('a'));
  });

  test("the command line's device goes before the file's, and nothing is trained again for it", () => {
    const file = ['--set', 'runtime.device=gpu'];
    expect(experiment('a', ...file)).toMatchObject({ code: 2, err: expect.stringContaining('"gpu" is not available') });
    const { code, out } = experiment('a', ...file, '--device', 'cpu', '--json');
    expect(code).toBe(0);
    const { stages } = JSON.parse(out) as { stages: { action: string }[] };
    expect(stages.map(({ action }) => action)).toEqual(['reused', 'reused']);
  });

  test('the same command again reuses everything', () => {
    const { code, out } = experiment('a', '--json');
    expect(code).toBe(0);
    const again = JSON.parse(out) as { stages: { action: string }[]; results: unknown };
    expect(again.stages.map(({ action }) => action)).toEqual(['reused', 'reused']);
    expect(again.results).toEqual((JSON.parse(first.out) as { results: unknown }).results);
  });

  test('damaged results are reported and measured again', () => {
    const run = join(folder, 'a', 'run');
    const table = readFileSync(join(run, 'results.csv'));
    const damaged = (name: string, damage: (bytes: Buffer) => string | Uint8Array) => {
      const file = join(run, 'evaluation', name);
      writeFileSync(file, damage(readFileSync(file)));
      return file;
    };
    const cut = damaged('NAFNet/metrics.csv', (bytes) => bytes.subarray(0, -9));
    const digit = (text: string) => String(9 - Number(text));
    const changed = damaged('HINet/values.json', (bytes) => bytes.toString().replace(/\d(?=\D*$)/, digit));
    const empty = damaged('input/images/0000.png', () => '');
    const { code, err } = experiment('a');
    expect(code).toBe(0);
    expect(err).toContain(`${cut} is damaged. NAFNet is measured again.`);
    expect(err).toContain(`${changed} is damaged. HINet is measured again.`);
    expect(readFileSync(empty).length).toBeGreaterThan(0);
    expect(readFileSync(join(run, 'results.csv'))).toEqual(table);
    expect(experiment('a').err).not.toContain('measured again');
  });

  test('a bit of a trained network that has changed is an error with its file and what to do', () => {
    const stage = realpathSync(join(folder, 'a', 'run', 'stages', 'nafnet'));
    const file = join(stage, 'best.safetensors');
    const bytes = readFileSync(file);
    const damaged = Buffer.from(bytes);
    damaged[bytes.length - 1000]! ^= 1;
    writeFileSync(file, damaged);
    const { code, err } = experiment('a');
    writeFileSync(file, bytes);
    expect(code).toBe(2);
    expect(err).toContain(`${file} is damaged: the tensor "network.`);
    expect(err).toContain(`remove the folder ${stage}: the stage is then trained again.`);
    expect(err).not.toMatch(/^ {4}at /m);
  });

  test('a record of a stage that is damaged is an error, and without it the stage is whole again', () => {
    const stage = realpathSync(join(folder, 'a', 'run', 'stages', 'nafnet'));
    const before = computed('a');
    writeFileSync(join(stage, 'stage.json'), 'null');
    const { code, err } = experiment('a');
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/stage\.json is damaged: .*Remove that file: the stage continues/),
    });
    rmSync(join(stage, 'stage.json'));
    expect(experiment('a')).toMatchObject({ code: 0 });
    expect(computed('a')).toEqual(before);
  });

  test('an edit trains again only what it touches', () => {
    const edited = ['--set', 'stages.hinet.iterations=12', '--run-dir', join(folder, 'a', 'edited'), '--json'];
    const { out } = experiment('a', ...edited);
    const { stages } = JSON.parse(out) as { stages: { name: string; action: string }[] };
    expect(stages.map(({ name, action }) => `${name} ${action}`)).toEqual(['nafnet reused', 'hinet trained']);
  });

  test('the resolved experiment is a valid file of the same run', () => {
    const resolved = join(folder, 'a', 'run', 'experiment.yaml');
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(ROOT, 'tools', 'run.mjs'), 'experiment', resolved, '--plan', '--json'],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    const { stages } = JSON.parse(stdout) as { stages: { action: string }[] };
    expect(stages.map(({ action }) => action)).toEqual(['reuse', 'reuse']);
  });

  test('a run directory of another configuration is refused', () => {
    const { code, err } = experiment('a', '--set', 'seed=1');
    expect(code).toBe(2);
    expect(err).toContain('seed: 0 there, 1 here');
  });
});

describe('a run that is stopped continues with the same command', () => {
  const longer = [
    '--set',
    'stages.nafnet.iterations=60',
    '--set',
    'stages.hinet.iterations=60',
    '--set',
    'stages.nafnet.saveEvery=7',
  ];

  long('killed at random moments: bit-identical weights, equal curves and table', async () => {
    const started = performance.now();
    expect(experiment('whole', ...longer).code).toBe(0);
    const whole = performance.now() - started;
    const stream = new Random(0).stream('moments');
    const moments: number[] = [];
    for (let kills = 0; kills < 4; kills++) {
      const moment = whole * (0.2 + 0.6 * stream.uniform());
      moments.push(Math.round(moment));
      await stopped({ signal: 'SIGKILL', after: moment }, 'killed', ...longer);
    }
    const end = experiment('killed', ...longer);
    expect({ moments, code: end.code, err: end.code === 0 ? '' : end.err }).toEqual({ moments, code: 0, err: '' });
    expect(computed('killed')).toEqual(computed('whole'));
  });

  test('Ctrl-C saves the state and exits with 130', async () => {
    const endless = ['--set', 'stages.nafnet.iterations=100000'];
    const journal = join(folder, 'interrupted', 'run', 'stages', 'nafnet', 'journal.jsonl');
    const trains = () => existsSync(journal) && /"step":[1-9]/.test(readFileSync(journal, 'utf8'));
    const { code, err } = await stopped({ signal: 'SIGINT', after: 100, ready: trains }, 'interrupted', ...endless);
    expect({ code, err }).toMatchObject({ code: 130, err: expect.stringContaining('The same command continues') });
    const resumes = (written: string) => written.includes('resumes at iteration');
    const again = await stopped({ signal: 'SIGINT', after: 100, ready: resumes }, 'interrupted', ...endless);
    expect(again.err).toMatch(/resumes at iteration \d+ of 100000/);
  });
});

test('a run waits for a stage that another run trains, and continues with the result', async () => {
  const longer = ['--set', 'stages.nafnet.iterations=60'];
  const other = [...longer, '--run-dir', join(folder, 'shared', 'other')];
  const trainer = started('shared', ...longer);
  const journal = join(folder, 'shared', 'run', 'stages', 'nafnet', 'journal.jsonl');
  await until(() => existsSync(journal) && /"step":5/.test(readFileSync(journal, 'utf8')));
  process.kill(-trainer.child.pid!, 'SIGSTOP');

  const busy = experiment('shared', ...longer);
  expect(busy).toMatchObject({
    code: 2,
    err: expect.stringMatching(/The run .*shared\/run is in use by process \d+\./),
  });
  const refused = experiment('shared', ...other, '--no-wait');
  expect(refused).toMatchObject({
    code: 2,
    err: expect.stringMatching(/Stage nafnet is being trained by process \d+ /),
  });

  const waiter = started('shared', ...other, '--json');
  await until(() => /nafnet is being trained by process \d+, iteration \d+ of 60: waiting/.test(waiter.err()));
  process.kill(-trainer.child.pid!, 'SIGCONT');
  expect(await trainer.ended).toMatchObject({ code: 0 });
  const { code, out } = await waiter.ended;
  expect(code).toBe(0);
  const { stages } = JSON.parse(out) as { stages: { name: string; action: string }[] };
  expect(stages[0]).toMatchObject({ name: 'nafnet', action: 'reused' });
  const results = (run: string) => readFileSync(join(folder, 'shared', run, 'results.csv'), 'utf8');
  expect(results('other')).toBe(results('run'));
});

describe("a user's mistakes", () => {
  test('are reported without a stack trace, with exit code 2', () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(
      file,
      readFileSync(SMOKE, 'utf8').replace('type: avatars', 'type: avatar').replace('depth: 2', 'depth: 0'),
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(ROOT, 'tools', 'run.mjs'), 'experiment', file, '--validate', '--json'],
      { encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toContain('avatars');
    expect(stderr).not.toMatch(/\n\s+at /);
    const { errors } = JSON.parse(stdout) as { errors: { file: string; line: number; column: number }[] };
    expect(errors.length).toBeGreaterThanOrEqual(2);
    for (const { file: found, line, column } of errors) {
      expect(found).toBe(file);
      expect(line).toBeGreaterThan(0);
      expect(column).toBeGreaterThan(0);
    }
  });

  test('options that exclude each other are refused', () => {
    const program = [join(ROOT, 'tools', 'run.mjs'), 'experiment', SMOKE, '--dry-run'];
    for (const other of ['--validate', '--plan']) {
      const { status, stderr } = spawnSync(process.execPath, [...program, other], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: `error: option '--dry-run' cannot be used with option '${other}'\n`,
      });
    }
  });

  test('a loss that is not finite stops the run and names the iteration', () => {
    const { code, err } = experiment('nan', '--set', 'stages.nafnet.optimizer.learningRate=1e30');
    expect(code).toBe(2);
    expect(err).toMatch(/"nafnet" stopped at iteration \d+: `[\w.]+` returns numbers that are not finite/);
  });

  test('a GPU that is not there is an error that says what to do', () => {
    const { code, err } = experiment('gpu', '--device', 'gpu');
    expect(code).toBe(2);
    expect(err).toMatch(/^Device "gpu" is not available: .*\n {2}\S.*\.\n {2}The CPU is: --device cpu\.$/m);
  });
});
