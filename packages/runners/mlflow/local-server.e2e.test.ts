import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findLocalServer } from './local-server.ts';

let data: string;
let child: ChildProcess | undefined;

beforeEach(() => void (data = mkdtempSync(join(tmpdir(), 'dualprior-server-'))));
afterEach(() => {
  child?.kill();
  rmSync(data, { recursive: true });
});

/** Starts a program that answers nothing, and records it as the local server. */
async function record(...parameters: string[]): Promise<object> {
  child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', ...parameters]);
  await once(child, 'spawn');
  const server = { uri: 'http://127.0.0.1:9', pid: child.pid, version: '3', host: hostname() };
  writeFileSync(join(data, 'server.json'), JSON.stringify(server));
  return server;
}

test('a server that does not answer runs as long as its process does', async () => {
  const server = await record('mlflow');
  expect(await findLocalServer(data)).toEqual(server);
  const ended = once(child!, 'exit');
  child!.kill();
  await ended;
  expect(await findLocalServer(data)).toBeUndefined();
});

test('another program under its number is no server', async () => {
  await record('other');
  expect(await findLocalServer(data)).toBeUndefined();
});
