import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeSafetensors, type PublishedWeights } from '@dualprior/core';
import { download } from './download.ts';

let folder: string;
let content: Buffer;
let server: Server;
let target: string;
/** What the server was asked for: the `Range` of each request. */
let ranges: (string | undefined)[];

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'download-'));
  const file = join(folder, 'source.safetensors');
  writeSafetensors(file, new Map([['w', { shape: [50_000], values: new Float32Array(50_000).map((_, i) => i) }]]));
  content = readFileSync(file);
  target = join(folder, 'cache', 'w.pth');
  ranges = [];
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

/** Serves these answers one after the other, and the last one from then on. */
async function serve(...answers: Answer[]): Promise<string> {
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    (answers[ranges.length - 1] ?? answers.at(-1)!)(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/w.pth`;
}

/** The file, or what of it was asked for, of which only so many bytes are sent before the connection is cut. */
const sending =
  (cutAfter = Infinity, etag = '"one"'): Answer =>
  (request, response) => {
    const { range } = request.headers;
    const same = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const from = range !== undefined && same ? Number(/^bytes=(\d+)-$/.exec(range)![1]) : 0;
    const body = content.subarray(from);
    const partly = from > 0 && { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from > 0 ? 206 : 200, { ETag: etag, 'Content-Length': body.length, ...partly });
    if (cutAfter >= body.length) response.end(body);
    else {
      response.flushHeaders();
      response.write(body.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
    }
  };

const weights = (url: string | undefined, sha256?: string): PublishedWeights => ({
  name: 'w',
  description: 'weights of a test',
  file: 'w.pth',
  page: 'https://example.com/w',
  licence: 'none',
  ...(url !== undefined && { url }),
  ...(sha256 !== undefined && { sha256: { begins: sha256, source: 'this test' } }),
});

const sha256 = () => createHash('sha256').update(content).digest('hex');
const get = (url: string, begins = sha256().slice(0, 8)) => download(weights(url, begins), target, { pause: 1 });
const beside = () => readdirSync(join(folder, 'cache')).filter((name) => !name.includes('.lock'));

describe('published weights are downloaded', () => {
  test('with progress, and only once', async () => {
    const url = await serve(sending());
    const seen: (readonly [number, number | undefined])[] = [];
    await download(weights(url, sha256()), target, { onBytes: (done, total) => seen.push([done, total]) });
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(seen.at(-1)).toEqual([content.length, content.length]);
    await get(url);
    expect([ranges.length, beside()]).toEqual([1, ['w.pth']]);
  });

  test('and continue where a connection was cut, however often', async () => {
    await get(await serve(sending(70_000), sending(50_000), sending(30_000), sending()));
    expect(readFileSync(target).equals(content)).toBe(true);
    const begins = ranges.slice(1).map((range) => Number(/\d+/.exec(range!)![0]));
    expect(begins).toEqual([...begins].sort((a, b) => a - b));
    expect([ranges[0], begins.length, new Set(begins).size, begins[0]! > 0]).toEqual([undefined, 3, 3, true]);
  });

  test('and continue with what another process has left', async () => {
    const url = await serve(sending(70_000), ...Array.from({ length: 6 }, () => sending(0)), sending());
    await expect(get(url)).rejects.toThrow(/^w cannot be downloaded: the connection was cut.* put it at /);
    const { length } = readFileSync(`${target}.part`);
    expect([existsSync(target), length > 0, length <= 70_000]).toEqual([false, true, true]);
    await get(url);
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(ranges.at(-1)).toBe(`bytes=${length}-`);
  });

  test('and begin again where the server has another version by now', async () => {
    await get(await serve(sending(70_000), sending(Infinity, '"two"')));
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  test('and begin again where the part is longer than the file', async () => {
    const url = await serve(sending(70_000), (_, response) => response.writeHead(416).end(), sending());
    await get(url);
    expect([readFileSync(target).equals(content), ranges.at(-1)]).toEqual([true, undefined]);
  });

  test('and wait for a server that is busy', async () => {
    await get(await serve((_, response) => response.writeHead(503).end(), sending()));
    expect(readFileSync(target).equals(content)).toBe(true);
  });
});

describe('what is not right is refused, and leaves nothing behind', () => {
  test('another checksum', async () => {
    const url = await serve(sending());
    await expect(get(url, 'deadbeef')).rejects.toThrow(
      new RegExp(`is not w: it has the SHA-256 ${sha256()}, not deadbeef\\.\\.\\. \\(this test\\)`),
    );
    expect(beside()).toEqual([]);
  });

  test('a web page', async () => {
    const url = await serve((_, response) => response.end('<!doctype html><title>Log in</title>'));
    await expect(download(weights(url), target)).rejects.toThrow(/is not w: it is a web page \("Log in"\)/);
    expect(beside()).toEqual([]);
  });

  test('nothing at the address', async () => {
    const url = await serve((_, response) => response.writeHead(404).end());
    await expect(get(url)).rejects.toThrow(/answers 404 .* Get w\.pth from .* put it at .*weights\/w\.pth\./);
  });

  test('no server, offline', async () => {
    const url = await serve(sending());
    await new Promise((done) => server.close(done));
    await expect(get(url)).rejects.toThrow(/^w cannot be downloaded from here \(ECONNREFUSED\)\. Get w\.pth from /);
  });

  test('no address: by hand only', async () => {
    server = createServer();
    await expect(download(weights(undefined), target)).rejects.toThrow(
      /^w can only be got by hand\. Get w\.pth from https:\/\/example\.com\/w and put it at /,
    );
  });
});

test('a note that is damaged is taken for none', async () => {
  const url = await serve(sending(70_000), ...Array.from({ length: 6 }, () => sending(0)), sending());
  await expect(get(url)).rejects.toThrow();
  writeFileSync(`${target}.part.json`, '{');
  await get(url);
  expect([readFileSync(target).equals(content), ranges.at(-1)]).toEqual([true, undefined]);
});
