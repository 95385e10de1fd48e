import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spelled, cacheFolder, exclusively, UserError } from '@dualprior/core';
import { installMlflow, MLFLOW_VERSION } from '../../../tools/setup/mlflow.mjs';
import writeFileAtomic from 'write-file-atomic';

const DEFAULT_PORT = 5000;

/** The server that `yarn mlflow` runs for this person on this machine. */
export interface LocalServer {
  readonly uri: string;
  readonly pid: number;
  readonly version: string;
  /** A loopback address is of use on its own machine only; home folders are often shared. */
  readonly host: string;
}

interface LocalServerOptions {
  readonly log: (line: string) => void;
  /** Must be free; without it, the first free one from 5000 on. */
  readonly port?: number | undefined;
  /** Folder of the server's database, artifacts and log. */
  readonly data?: string;
  readonly cache?: string;
  /** Seconds until the server must answer. */
  readonly timeout?: number;
}

export function localServerFolder(): string {
  return join(dataFolder(), 'mlflow');
}

/** The running local server, or undefined. One that is too busy to answer runs as well. */
export async function findLocalServer(data = localServerFolder()): Promise<LocalServer | undefined> {
  const server = readRecord(data);
  if (!server || server.host !== hostname() || !isAlive(server.pid)) return undefined;
  return (await answers(server.uri)) || isMlflow(server.pid) ? server : undefined;
}

/**
 * The address of the local MLflow server; installs and starts it in the background if needed. It continues when this
 * process ends, listens on the loopback interface only, and keeps its data in SQLite and a folder.
 * Errors: the port is taken; MLflow cannot be installed; the server does not start.
 */
export async function ensureLocalServer(options: LocalServerOptions): Promise<string> {
  const running = await reusable(options);
  if (running) return running.uri;
  const { server, child } = await startLocalServer(options, true);
  child.unref();
  return server.uri;
}

/** Starts the server. A child in the foreground ends with this process. */
export async function startLocalServer(
  options: LocalServerOptions,
  background: boolean,
): Promise<{ server: LocalServer; child: ChildProcess }> {
  const { log, data = localServerFolder(), cache = cacheFolder(), timeout = 60 } = options;
  const environment = await install(cache, log);
  makeFolder(data);
  return exclusively(join(data, 'starting'), async () => {
    const port = await choosePort(options.port, log);
    const uri = `http://127.0.0.1:${port}`;
    log(`MLflow ${MLFLOW_VERSION}: starting the local server at ${uri} ...`);
    const child = launch(environment, data, port);
    const server: LocalServer = { uri, pid: child.pid ?? 0, version: MLFLOW_VERSION, host: hostname() };
    await untilItAnswers(child, uri, join(data, 'server.log'), timeout);
    writeFileAtomic.sync(recordFile(data), `${JSON.stringify(server, null, 2)}\n`);
    if (!background) child.once('exit', () => rmSync(recordFile(data), { force: true }));
    return { server, child };
  });
}

/** Stops the local server. Returns it, or undefined if none runs. */
export async function stopLocalServer(data = localServerFolder()): Promise<LocalServer | undefined> {
  const server = readRecord(data);
  if (!server || server.host !== hostname() || !isAlive(server.pid) || !isMlflow(server.pid)) {
    if (server?.host === hostname()) rmSync(recordFile(data), { force: true });
    return undefined;
  }
  await endGroup(server.pid);
  rmSync(recordFile(data), { force: true });
  return server;
}

/** Ends a server and the processes that it started. */
export async function endGroup(pid: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  for (let waited = 0; isAlive(pid) && waited < 10_000; waited += 100) await sleep(100);
  if (isAlive(pid)) signalGroup(pid, 'SIGKILL');
}

async function install(cache: string, log: (line: string) => void): Promise<string> {
  try {
    return await installMlflow({ cache, log });
  } catch (error) {
    throw new UserError(`MLflow cannot be installed. ${(error as Error).message}`);
  }
}

async function reusable({
  port,
  data = localServerFolder(),
  log,
}: LocalServerOptions): Promise<LocalServer | undefined> {
  const running = await findLocalServer(data);
  if (running && port !== undefined && new URL(running.uri).port !== String(port)) {
    throw new UserError(
      `The local MLflow server runs already, at ${running.uri} (process ${running.pid}). To move it: ${spelled('mlflow stop')}, then ${spelled(`mlflow --port ${port}`)}.`,
    );
  }
  if (running) log(`MLflow ${running.version}: the local server runs at ${running.uri}`);
  return running;
}

function launch(environment: string, data: string, port: number): ChildProcess {
  const output = openSync(join(data, 'server.log'), 'w');
  const parameters = [
    ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    ...['--backend-store-uri', `sqlite:///${join(data, 'mlflow.db')}`],
    ...['--artifacts-destination', join(data, 'artifacts')],
  ];
  try {
    return spawn(join(environment, 'bin', 'mlflow'), parameters, {
      cwd: data,
      // A process group of its own: the server starts workers, and Ctrl-C is ours to handle.
      detached: true,
      stdio: ['ignore', output, output],
      env: {
        ...withoutMlflow(process.env),
        // `bin` first: MLflow starts uvicorn by name.
        PATH: `${join(environment, 'bin')}:${process.env['PATH'] ?? ''}`,
        PYTHONPATH: undefined,
        PYTHONHOME: undefined,
        MLFLOW_DISABLE_TELEMETRY: 'true',
        DO_NOT_TRACK: 'true',
        // Its job runner takes 230 MB and serves nothing that runs here.
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      },
    });
  } finally {
    closeSync(output);
  }
}

/** A user's own MLFLOW_* settings are about other servers. */
function withoutMlflow(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('MLFLOW_')));
}

async function untilItAnswers(child: ChildProcess, uri: string, log: string, timeout: number): Promise<void> {
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure = `it ended with ${signal ?? `code ${code}`}`));
  for (const end = Date.now() + timeout * 1000; Date.now() < end; await sleep(200)) {
    if (failure) throw new Error(`The MLflow server did not start: ${failure}\n${lastLines(log)}`);
    if (await answers(uri)) return;
  }
  if (child.pid) await endGroup(child.pid);
  throw new Error(
    `The MLflow server did not answer at ${uri} within ${timeout} seconds. Its log: ${log}\n${lastLines(log)}`,
  );
}

async function answers(uri: string): Promise<boolean> {
  try {
    const response = await fetch(`${uri}/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok && (await response.text()).trim() === 'OK';
  } catch {
    return false;
  }
}

async function choosePort(wanted: number | undefined, log: (line: string) => void): Promise<number> {
  if (wanted !== undefined) {
    if (await isFree(wanted)) return wanted;
    throw new UserError(
      `Port ${wanted} is taken by another program. Another one: ${spelled('mlflow --port N')}; without --port a free one is found.`,
    );
  }
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + 100; port++) {
    if (await isFree(port)) {
      if (port !== DEFAULT_PORT) log(`MLflow: port ${DEFAULT_PORT} is taken by another program; using ${port}`);
      return port;
    }
  }
  throw new UserError(
    `No port from ${DEFAULT_PORT} to ${DEFAULT_PORT + 99} is free. Another one: ${spelled('mlflow --port N')}.`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError(`The folder of the local MLflow server ${folder} cannot be made: ${(error as Error).message}`);
  }
}

function recordFile(data: string): string {
  return join(data, 'server.json');
}

function readRecord(data: string): LocalServer | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(data), 'utf8')) as LocalServer;
  } catch {
    return undefined;
  }
}

/** Whether some process has this number now. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process number can be another program's by now. */
function isMlflow(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  if (stdout) return stdout.includes('mlflow');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('mlflow');
  } catch {
    return false;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}

function lastLines(file: string): string {
  try {
    return statSync(file).size > 0 ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n') : '';
  } catch {
    return '';
  }
}

/** What a user would miss, unlike the cache: the local MLflow server's data. */
function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'dualprior');
}
