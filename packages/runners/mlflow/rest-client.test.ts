import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MlflowClient } from './rest-client.ts';
import { parseAddress } from './address.ts';
import { FakeMlflow } from './testing/fake-mlflow.ts';
import type { Fault } from './testing/fault.ts';

/** A server in a thread of its own that closes idle connections after a tenth of a second, as uvicorn does after five. */
const SERVER = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (!data.includes('runs/get')) return;
    socket.write('HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: 2\\r\\n\\r\\n{}');
    setTimeout(() => socket.destroy(), 100);
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** Holds up this thread, as a training step does. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

test('a connection that the server closed while a step ran is no trouble', async () => {
  const worker = new Worker(SERVER, { eval: true });
  const port = await new Promise<number>((done) => worker.once('message', done));
  const client = new MlflowClient(parseAddress(`http://127.0.0.1:${port}`, 'test'));
  try {
    for (let i = 0; i < 5; i++) {
      expect(await client.get('runs/get')).toEqual({});
      block(400);
    }
  } finally {
    client.close();
    await worker.terminate();
  }
});

describe('what a server answers', () => {
  let server: FakeMlflow;
  beforeEach(async () => {
    server = new FakeMlflow();
    await server.start();
  });
  afterEach(() => server.stop());

  const clientOf = (environment: Record<string, string> = {}, login = '') =>
    new MlflowClient(parseAddress(server.uri.replace('://', `://${login}`), 'test'), undefined, environment);

  /** An answer that repeats what a server must know. */
  const echo = (status: number, ...secrets: string[]): Fault => ({
    status,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ error_code: 'X', message: `You sent ${secrets.join(' and ')}` }),
  });

  test.each([
    ['in the address', {}, 'ann:p%40ss%2525@', ['p@ss%25', Buffer.from('ann:p@ss%25').toString('base64')]],
    ['in variables', { MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'p w' }, '', ['p w', 'p%20w']],
    ['a token', { MLFLOW_TRACKING_TOKEN: 't0ken' }, '', ['t0ken', 'Bearer t0ken']],
  ])('is shown without the credentials that it repeats: %s', async (_, environment, login, secrets) => {
    const client = clientOf(environment, login);
    for (const status of [400, 401, 404, 429, 500]) {
      server.fault = () => echo(status, ...secrets);
      const { message } = await client.get('runs/get').then(
        () => new Error(''),
        (error: Error) => error,
      );
      expect(message).toMatch(/You sent .*\*\*\*/);
      for (const secret of secrets) expect(message).not.toContain(secret);
    }
    expect(server.requests[0]!.authorization).toMatch(/^(Basic|Bearer) /);
    client.close();
  });

  test.each([
    ['http://ann:s3%cret@host', /^test: .*write it as %25/],
    ['http://ann:s3/cret@host', /^test: .*"\/" is written %2F/],
    ['file:./mlruns', /^test: "file:\.\/mlruns" is not the address/],
    ['ann:s3cret@host:5000', /^test: "host:5000" is not the address/],
    ['http://ann:s3cret@host:99999', /^test: "http:\/\/host:99999" is not the address/],
  ])('an address that is none: %s', (text, message) => {
    expect(() => parseAddress(text, 'test')).toThrow(message);
    expect(() => parseAddress(text, 'test')).not.toThrow(/s3|cret/);
  });

  test('a token with a line break is named, not shown', () => {
    expect(() => clientOf({ MLFLOW_TRACKING_TOKEN: 't0ken\n' })).toThrow(/^MLFLOW_TRACKING_TOKEN holds a line break/);
  });

  test.each([
    ['a redirection', { status: 302, headers: { Location: 'https://u:p4ss@sso/login?token=t0k' } }, 'wrong-address'],
    ['a proxy that takes nothing so large', { status: 413, body: '<html></html>' }, 'refused'],
    ['no room for files', { status: 507 }, 'refused'],
    ['files that are not served', { status: 501 }, 'refused'],
    ['a gateway', { status: 502, body: '<html></html>' }, 'busy'],
    ['a page', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html></html>' }, 'wrong-address'],
    ['JSON that was cut', { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"a"' }, 'busy'],
    ['an answer that was cut', 'cut in the middle', 'busy'],
  ] as const)('%s, to a file', async (_, fault, kind) => {
    server.runs.set('r', { artifacts: new Map() } as never);
    server.fault = () => fault;
    const client = clientOf();
    const error = await client.putArtifact('mlflow-artifacts:/1/r/artifacts', 'a', Buffer.alloc(1)).catch((e) => e);
    expect(error).toMatchObject({ kind });
    expect(error.message).not.toMatch(/p4ss|t0k/);
    client.close();
  });
});
