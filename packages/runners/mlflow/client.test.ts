import { Worker } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import { MlflowClient } from './client.ts';
import { parseAddress } from './address.ts';

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
