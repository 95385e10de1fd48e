import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, type Stream } from '@dualprior/core';
import { BackgroundDelivery } from '../mlflow/background-delivery.ts';
import { pushRun } from '../mlflow/push.ts';
import type { Fault } from '../mlflow/testing/fault.ts';
import { FlakyProxy, type Faults } from '../mlflow/testing/flaky-proxy.ts';
import { RealMlflow } from '../mlflow/testing/real-mlflow.ts';
import { storedPoints } from './mlflow/stored-points.ts';
import { FILES, journalOf, newRun, pointsOf, STAGES, writeRun } from './mlflow/written-run.ts';
import type { Soak } from './soak.ts';

/** One of so many requests meets a fault. */
const ONE_IN = 4;
/** Seconds that the run waits for its delivery at its end. */
const WAIT = 5;
/** How often the rest is pushed by hand. */
const PUSHES = 50;
const FIRST_PAUSE = 0.01;

/** A run whose points go to a real MLflow server through a proxy with random faults: all arrive, each once. */
export const mlflow: Soak = {
  name: 'mlflow',
  description: 'points sent to a real MLflow server through a flaky proxy: none is lost or duplicated',
  count: 100_000,
  async run({ count, random, folder, progress, log, signal }) {
    const server = new RealMlflow(join(folder, 'server'));
    const run = join(folder, 'run');
    mkdirSync(run);
    await server.start();
    const proxy = new FlakyProxy(server.uri);
    const met: [request: string, fault: Fault][] = [];
    proxy.faults = recorded(randomFaults(random.stream('mlflow')), met);
    await proxy.start();
    let trouble: string[];
    try {
      await deliver(run, proxy.uri, pointsOf(count), signal);
      trouble = await push(run, proxy.uri, signal);
      const files = await server.list(await server.run('soak', '/'));
      if (files.length !== FILES) trouble.push(`${files.length} of ${FILES} files arrived`);
    } finally {
      await Promise.all([proxy.stop(), server.stop()]);
    }
    const stored = storedPoints(server.data);
    for (const [stage, expected] of pointsOf(count)) {
      const { runs = 0, points = 0, steps = 0, wrong = 0 } = stored.get(`/stages/${stage}`) ?? {};
      if (runs !== 1) trouble.push(`stage ${stage} has ${runs} runs with points`);
      if (steps !== expected) trouble.push(`${expected - steps} of ${expected} points of stage ${stage} are lost`);
      if (points !== steps) trouble.push(`${points - steps} points of stage ${stage} are doubled`);
      if (wrong > 0) trouble.push(`${wrong} points of stage ${stage} have another value`);
    }
    progress(count);
    log.info(`  ${proxy.requests.length} requests, ${proxy.faulty} faults`);
    if (trouble.length === 0) rmSync(folder, { recursive: true });
    else writeFileSync(join(folder, 'faults.json'), `${JSON.stringify(met, null, 1)}\n`);
    const delivered = [...stored.values()].reduce((sum, { steps }) => sum + steps, 0);
    return { counts: { stored: delivered }, failures: trouble.map((message) => ({ message, reproduction: folder })) };
  },
};

function randomFaults(stream: Stream): Faults {
  return ({ method }) => {
    if (stream.integer(ONE_IN) > 0) return undefined;
    const refused = [429, 500, 503, ...(method === 'PUT' ? [413] : [])].map((status) => ({ status }));
    const faults = [...refused, 'cut', 'reset', 'cut after', 'cut in the middle', 'late'] as const;
    return faults[stream.integer(faults.length)];
  };
}

function recorded(faults: Faults, met: [string, Fault][]): Faults {
  return (request) => {
    const fault = faults(request);
    if (fault) met.push([`${request.number} ${request.method} ${request.path}`, fault]);
    return fault;
  };
}

/** As a run does it: in the background while it writes, and then for some seconds. */
async function deliver(
  run: string,
  uri: string,
  points: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const journal = newRun(run);
  const delivery = new BackgroundDelivery({
    directory: run,
    experiment: 'soak',
    run: 'soak',
    findServer: () => Promise.resolve({ uri }),
    console: { info: () => {}, warn: () => {} },
    interval: 0.05,
    firstPause: FIRST_PAUSE,
  });
  await delivery.start();
  for (const name of STAGES) delivery.follow({ file: journalOf(run, name), at: ['stages', name], name });
  await writeRun(run, journal, points);
  await delivery.finish(signal.aborted ? 0 : WAIT);
}

/** `yarn mlflow push` until all has arrived. Returns what has not. */
async function push(run: string, uri: string, signal: AbortSignal): Promise<string[]> {
  let left: string[] = [];
  for (let pushes = 0; pushes < PUSHES && !signal.aborted; pushes++) {
    try {
      const { missing } = await pushRun(run, { uri, log: () => {}, firstPause: FIRST_PAUSE });
      if (missing.length === 0) return [];
      left = missing.map(({ file, reason }) => `${file} has not arrived after ${pushes + 1} pushes: ${reason}`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      left = [`the run has not arrived after ${pushes + 1} pushes: ${error.message}`];
    }
  }
  return left;
}
