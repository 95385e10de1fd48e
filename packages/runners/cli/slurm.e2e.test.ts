import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted, UserError } from '@dualprior/core';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import '../index.ts';
import { Console } from '../console/console.ts';
import type { Task } from '../launchers/launcher.ts';
import { SlurmLauncher } from '../launchers/slurm.ts';
import { cancelAll, overview } from '../launchers/slurm/overview.ts';
import { RealSlurm, slurmIsMissing } from '../launchers/testing/real-slurm.ts';
import { computedBy } from '../soak/kills/computed.ts';
import { long } from '../testing/long.ts';

jest.setTimeout(120_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const RUN = join(ROOT, 'tools', 'run.mjs');
const SMOKE = join(ROOT, 'experiments', 'smoke.yaml');

const missing = slurmIsMissing();
const required = Boolean(process.env['DUALPRIOR_REQUIRE_SLURM']); // CI, where it could install Slurm
if (missing !== undefined && !required) console.warn(`The launcher slurm is not tested with a real Slurm: ${missing}.`);

(missing === undefined || required ? describe : describe.skip)('a real Slurm', () => {
  const slurm = new RealSlurm();
  const folder = mkdtempSync(join(tmpdir(), 'slurm-e2e-'));

  beforeAll(async () => {
    await slurm.start();
    process.env['SLURM_CONF'] = slurm.env['SLURM_CONF'];
  });
  afterAll(async () => {
    await slurm.stop();
    delete process.env['SLURM_CONF'];
    rmSync(folder, { recursive: true, force: true });
  });

  const ITERATIONS = 1000;
  /** Longer than the others, so that it can be met in its middle; it saves nothing unless it gets the signal to end. */
  const settings = ['tracking=null', `stages.nafnet.iterations=${ITERATIONS}`, 'stages.nafnet.logEvery=1'].concat(
    ['saveEvery', 'validateEvery'].map((option) => `stages.nafnet.${option}=${ITERATIONS}`),
  );
  const storeOf = (own: string) => join(folder, own, 'store');
  const command = (own: string, ...more: string[]) => {
    const set = [`store=${storeOf(own)}`, ...settings].flatMap((each) => ['--set', each]);
    return [RUN, 'experiment', SMOKE, ...set, '--device', 'cpu', ...more];
  };
  const stagesOf = (own: string) =>
    existsSync(storeOf(own)) ? readdirSync(storeOf(own)).map((hash) => join(storeOf(own), hash)) : [];
  const trained = (own: string) => computedBy(stagesOf(own).find((stage) => iterationsOf(stage) === ITERATIONS)!);

  test('a stage that is interrupted in its middle resumes; the process that submitted may be killed, and the same command collects', async () => {
    const run = join(folder, 'slurm', 'run');
    const launched = command('slurm', '--run-dir', run, '--launcher', 'slurm:partition=work,cpus=1', '--json');
    const first = spawn(process.execPath, launched, { detached: true, stdio: 'ignore', env: slurm.env });
    const beyond = async (iterations: number) => {
      while (!stagesOf('slurm').some((stage) => iterationsOf(stage) > iterations)) await sleep(10);
    };
    const nafnet = async () => (await overview(run, () => {}))[0]!;
    await beyond(20);
    process.kill(-first.pid!, 'SIGKILL');
    const { job, log } = await nafnet();
    slurm.run('scontrol', 'requeue', job!); // as when it makes way for another job
    const resumes = () => readFileSync(log, 'utf8').match(/(?<=resumes at iteration )\d+(?= of 1000)/g) ?? [];
    while (resumes().length === 0) await sleep(50);
    await beyond(Number(resumes()[0]) + 20);
    slurm.run('scancel', '--signal=TERM', '--batch', job!); // as when its time ends soon (--signal=B:TERM)

    const { status, stdout, stderr } = spawnSync(process.execPath, launched, { encoding: 'utf8', env: slurm.env });
    const waited = expect.stringContaining(' from before: done or on the way');
    expect({ status, stderr }).toEqual({ status: 0, stderr: waited });
    expect(JSON.parse(stdout).variants[0].error).toBeNull();
    expect(resumes()).toHaveLength(2);
    expect(readdirSync(join(run, 'jobs')).filter((name) => name !== 'lock')).toHaveLength(2); // an array a level, and none again
    const { stdout: listed } = spawnSync(process.execPath, [RUN, 'jobs', run], { encoding: 'utf8', env: slurm.env });
    expect(listed).toMatch(
      /^base · stage nafnet +1_0 +done\nbase · stage hinet +1_1 +done\nbase +2_0 +done\n3 done\n$/,
    );

    const alone = spawnSync(process.execPath, command('plain', '--set', 'runtime.threads=1', '--stage', 'nafnet'));
    expect(alone.status).toBe(0);
    expect(trained('slurm')).toEqual(trained('plain'));
  });

  const quiet = new Console({ write: () => true } as never);
  const launch = (
    name: string,
    tasks: readonly Task[],
    options: ConstructorParameters<typeof SlurmLauncher>[0],
    signal = new AbortController().signal,
  ) => new SlurmLauncher(options).run(tasks, { console: quiet, folder: join(folder, name), signal });
  const task = (id: string, parameters: readonly string[], ...needs: string[]): Task => ({
    id,
    label: id,
    needs,
    parameters,
    leaves: folder,
  });
  const VALID = [SMOKE, '--validate'];
  const QUICK = ['--help'];

  long('one that fails stops only those that need it, and alone is submitted again', async () => {
    const tasks = [task('ok', VALID), task('bad', ['nowhere.yaml']), task('behind', QUICK, 'bad')];
    const ends = await launch('fail', tasks, {});
    expect(ends.map(({ problem }) => problem)).toEqual([
      undefined,
      expect.stringMatching(/there is no file nowhere\.yaml.*\/1\.log/),
      expect.stringMatching(/^not begun: bad failed/),
    ]);
    expect(ends[0]!.document).toMatchObject({ valid: true });
    const again = [tasks[0]!, task('bad', QUICK), task('behind', QUICK, 'bad')];
    expect((await launch('fail', again, {})).map(({ problem }) => problem)).toEqual([undefined, undefined, undefined]);
    const tried = readdirSync(join(folder, 'fail', 'jobs')).length;
    expect(tried).toBe(4);
  });

  test('a job that takes more memory than it has is named with the option', async () => {
    const [end] = await launch('memory', [task('large', VALID)], { memory: '40M' });
    expect(end!.problem).toMatch(
      /^it took more memory than it was given\. Raise `launcher\.memory` \(it is 40M\).*0\.log\)$/,
    );
  });

  test('what no partition can give is refused before anything is submitted', async () => {
    const refused = async (options: ConstructorParameters<typeof SlurmLauncher>[0]) => {
      const error = await launch('refused', [task('a', VALID)], options).catch((each: unknown) => each);
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    };
    expect(await refused({ partition: 'wrok' })).toMatch(
      /no partition "wrok" \(did you mean .work.\?\).*It has work\./s,
    );
    expect(await refused({ gpus: 1 })).toMatch(/gpus is 1, but nodes of the partition "work" have none/);
    expect(await refused({ cpus: 64 })).toMatch(/cpus is 64, but .* at most 2 cores/);
    expect(await refused({ time: '1-00:00:00' })).toMatch(/time is 1-00:00:00, but .* 1:00:00 at most/);
    expect(await refused({ memory: '1T' })).toMatch(/Memory specification.*`launcher\.memory`/s);
    expect(await refused({ sbatch: { constraint: 'a100' } })).toMatch(/Invalid feature.*constraint/s);
    expect(await refused({ sbatch: { nonsense: 1 } })).toMatch(/unrecognized option.*long options of sbatch/s);
    expect(await overview(join(folder, 'refused'), () => {})).toEqual([]);
  });

  test('jobs are listed and cancelled; while the controller is lost, that is said', async () => {
    const { signal, abort } = controller();
    const left = launch('held', [task('a', VALID), task('b', VALID, 'a')], { sbatch: { hold: true } }, signal);
    left.catch(() => {});
    while (slurm.run('squeue', '--noheader', '--format=%j').match(/held/g)?.length !== 2) await sleep(100);
    abort();
    await expect(left).rejects.toThrow(Interrupted);
    const states = async () =>
      (await overview(join(folder, 'held'), (said) => lost.push(said))).map(({ state, about }) => `${state}: ${about}`);
    const lost: string[] = [];
    expect(await states()).toEqual(['waiting: JobHeldUser', 'waiting: JobHeldUser']);
    await slurm.stopController();
    expect(await states()).toEqual(['unknown: ', 'unknown: ']);
    expect(lost).toEqual([expect.stringContaining('Unable to contact slurm controller')]);
    await expect(launch('held', [task('a', VALID)], {})).rejects.toThrow(
      /slurmctld\) does not answer.*The same command continues/s,
    );
    slurm.startController();
    while ((await states())[0] !== 'waiting: JobHeldUser') await sleep(200);
    expect(await cancelAll(join(folder, 'held'))).toBe(2);
    expect(await states()).toEqual([
      expect.stringContaining('failed: it was cancelled'),
      expect.stringContaining('failed: it was cancelled'),
    ]);
  });

  test('without sbatch it says what is missing', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      await expect(launch('missing', [task('a', VALID)], {})).rejects.toThrow(
        /sbatch cannot be run .*login node.*`--launcher local`/s,
      );
    } finally {
      process.env['PATH'] = path;
    }
  });
});

function controller() {
  const own = new AbortController();
  return { signal: own.signal, abort: () => own.abort() };
}

/** How many iterations the curves of a stage have. */
function iterationsOf(stage: string): number {
  const journal = join(stage, 'journal.jsonl');
  const steps = existsSync(journal) ? [...readFileSync(journal, 'utf8').matchAll(/"step":(\d+)/g)] : [];
  return Math.max(0, ...steps.map(([, step]) => Number(step)));
}
