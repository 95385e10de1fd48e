import { once } from 'node:events';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { Method } from '../../methods/method.ts';
import { FaceRestorer } from '../face-restorer.ts';
import { PictureRestorer } from '../picture-restorer.ts';
import { restoreServer } from './server.ts';

const LIMITS = { bytes: 20_000, pixels: 10_000, time: 60_000, queue: 2 };
const METHODS: Record<string, Method> = {
  negative: { restore: (image) => tf.sub(1, image), parameters: 0, multiple: 1 },
  faces: { restore: (image) => tf.clone(image), parameters: 0, multiple: 1, size: 64 },
};

function opened(name: string): PictureRestorer {
  return new PictureRestorer({ name, method: METHODS[name]!, notes: [], dispose: () => {} });
}

/** Finds no face in any photograph. */
function portraits(): FaceRestorer {
  const finder = { find: () => Promise.resolve([]), dispose: () => {} };
  return new FaceRestorer({ faces: opened('faces'), side: 64, background: undefined, finder, takesCrops: true });
}

let server: Server;
let address: string;
const warnings: string[] = [];

beforeAll(async () => {
  loadEngine();
  server = restoreServer({
    methods: [...Object.keys(METHODS), 'portraits'],
    open: (name) => (name === 'portraits' ? portraits() : opened(name)),
    limits: LIMITS,
    isLocal: true,
    console: { warn: (line) => void warnings.push(line) },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function picture(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: { r: 10, g: 100, b: 200 } } })
    .png()
    .toBuffer();
}

async function post(path: string, body: Uint8Array | string, headers: Record<string, string> = {}) {
  const response = await fetch(address + path, { method: 'POST', body, headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  const { status, headers: answered } = response;
  return {
    status,
    type: answered.get('content-type'),
    notes: answered.get('restored-notes'),
    bytes,
    text: bytes.toString(),
  };
}

test('a photograph comes back restored, in its own format or another', async () => {
  const photograph = await picture(30, 20);
  const own = await post('/restore', photograph);
  expect(own).toMatchObject({ status: 200, type: 'image/png' });
  const { data, info } = await sharp(own.bytes).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, ...data.subarray(0, 3)]).toEqual([30, 20, 245, 155, 55]);
  const other = await post('/restore?method=negative&format=webp', photograph);
  expect((await sharp(other.bytes).metadata()).format).toBe('webp');
});

test('what is worth knowing of the result is reported', async () => {
  const photograph = await picture(30, 20);
  await expect(post('/restore?method=portraits', photograph)).resolves.toMatchObject({
    status: 200,
    notes: 'no face was found, so it stays as it is',
  });
  await expect(post('/restore', photograph)).resolves.toMatchObject({ notes: null });
});

test('the methods are listed', async () => {
  const response = await fetch(`${address}/methods`);
  expect(await response.json()).toEqual({ methods: ['negative', 'faces', 'portraits'] });
});

test.each([
  ['/restore', 'some text', {}, 422, /not an image/],
  ['/restore', '', {}, 400, /empty/],
  ['/restore?method=negativ', 'x', {}, 404, /did you mean \\"negative\\"\?/],
  ['/restore?format=bmp', 'x', {}, 400, /format must be one of png, jpeg/],
  ['/restore', 'x'.repeat(LIMITS.bytes + 1), {}, 413, /larger than 20 kB/],
  ['/elsewhere', 'x', {}, 404, /POST \/restore/],
  ['/methods', 'x', {}, 405, /only GET/],
  ['/restore', 'x', { Origin: 'https://example.com' }, 403, /other origins/],
])('%s %.20s is refused', async (path, body, headers, status, message) => {
  const answer = await post(path, body, headers as Record<string, string>);
  expect(answer).toMatchObject({ status, type: 'application/json' });
  expect(answer.text).toMatch(message);
});

test('more pixels than are allowed, and a picture that is no aligned face', async () => {
  expect(await post('/restore', await picture(200, 100))).toMatchObject({ status: 413 });
  const whole = await post('/restore?method=faces', await picture(80, 64));
  expect(whole.status).toBe(422);
  expect(whole.text).toMatch(/it is 80x64, but the method takes 64x64 only/);
});

test('a body without a length is cut where it grows too large', async () => {
  const sending = request(`${address}/restore`, { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } });
  sending.on('error', () => {}); // the server closes the connection while more is sent
  const answered = once(sending, 'response');
  for (let i = 0; i < 3; i++) sending.write(Buffer.alloc(LIMITS.bytes));
  sending.end();
  const [response] = (await answered) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(413);
});

test('a name that leads here from elsewhere is refused', async () => {
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, path: '/methods', headers: { Host: 'evil.example' } }).end();
  const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(403);
});

test('where too many wait, another gets a time to retry', async () => {
  const photograph = await picture(100, 100);
  const answers = await Promise.all(Array.from({ length: 8 }, () => post('/restore', photograph)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toContain(200);
  expect(statuses).toContain(503);
  expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
  expect((await post('/restore', photograph)).status).toBe(200);
  expect(warnings).toEqual([]);
});
