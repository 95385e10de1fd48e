import { readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { UserError } from '@dualprior/core';
import type { AxiosError, AxiosResponse } from 'axios';
import writeFileAtomic from 'write-file-atomic';

/** What a server says of a file, so that no part of one version is joined to a part of another. */
interface Begun {
  readonly url: string;
  /** A strong `ETag`, or `Last-Modified`. */
  readonly validator: string;
}

/** A transfer that ended early; another attempt continues where it stopped. */
export class CutTransfer extends Error {}

const AGAIN = [408, 425, 429, 500, 502, 503, 504];
/** Nothing came for so long, in ms. */
const SILENCE = 60_000;

/**
 * Downloads to a file, or continues with what of it is there (`Range`), if the server still has the same.
 * @param onBytes called with the bytes so far, and their total if known
 * Errors: `CutTransfer` if it ended early; `UserError` if the server has no such file; those of axios if it cannot be reached.
 */
export async function transfer(
  url: string,
  part: string,
  onBytes: (done: number, total: number | undefined) => void,
  signal?: AbortSignal,
): Promise<void> {
  const begun = readBegun(part, url);
  const have = begun ? (statSync(part, { throwIfNoEntry: false })?.size ?? 0) : 0;
  const resume = have > 0 ? { Range: `bytes=${have}-`, 'If-Range': begun!.validator } : {};
  const { default: axios } = await import('axios'); // takes a while to load, and most runs need none of it
  const response = await axios.get<Readable>(url, {
    headers: { 'Accept-Encoding': 'identity', ...resume },
    responseType: 'stream',
    decompress: false,
    validateStatus: () => true,
    ...(signal && { signal }),
  });
  const { data, status } = response;
  const from = status === 206 ? beginOf(response) : 0;
  if (status === 416 || (status === 206 && from !== have)) {
    data.destroy();
    forget(part);
    throw new CutTransfer('the part that is there is not one of the file');
  }
  if (status !== 200 && status !== 206) {
    data.destroy();
    if (AGAIN.includes(status)) throw new CutTransfer(`the server answers ${status}`);
    throw new UserError(`The server answers ${status} for ${url}.`);
  }
  const total = totalOf(response, from);
  if (status === 200) await begin(part, url, response);
  await receive(data, part, from, (done) => onBytes(done, total), signal);
  const { size } = statSync(part);
  if (total !== undefined && size !== total)
    throw new CutTransfer(`the connection was cut at ${size} of ${total} bytes`);
}

/** Removes what is there of a file. */
export function forget(part: string): void {
  rmSync(part, { force: true });
  rmSync(noteOf(part), { force: true });
}

/** Writes what comes behind the first `from` bytes; what has come stays, also if the connection is cut. */
async function receive(
  data: Readable,
  part: string,
  from: number,
  onBytes: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(part, from > 0 ? 'r+' : 'w');
  const silence = setTimeout(() => data.destroy(new Error(`nothing came for ${SILENCE / 1000} s`)), SILENCE);
  let done = from;
  try {
    for await (const chunk of incoming(data, signal)) {
      silence.refresh();
      await file.write(chunk, 0, chunk.length, done);
      done += chunk.length;
      onBytes(done);
    }
  } finally {
    clearTimeout(silence);
    await file.close();
  }
}

/** What comes, until it ends. Errors: `CutTransfer` if it is cut, not if it is interrupted from here. */
async function* incoming(data: Readable, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const chunks = data[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new CutTransfer(`the connection was cut (${(error as Error).message})`);
    });
    if (next.done) return;
    yield next.value;
  }
}

/** Errors that say that a server cannot be reached from here. */
export function isUnreachable(error: unknown): boolean {
  const { isAxiosError, response, code } = (error ?? {}) as Partial<AxiosError>;
  return isAxiosError === true && response === undefined && code !== 'ERR_CANCELED';
}

function beginOf({ headers }: AxiosResponse): number {
  return Number(/^bytes (\d+)-/.exec(String(headers['content-range'] ?? ''))?.[1] ?? NaN);
}

function totalOf({ headers }: AxiosResponse, from: number): number | undefined {
  const whole = /\/(\d+)$/.exec(String(headers['content-range'] ?? ''))?.[1];
  if (whole !== undefined) return Number(whole);
  const length = headers['content-length'] as unknown;
  return length === undefined ? undefined : from + Number(length);
}

async function begin(part: string, url: string, { headers }: AxiosResponse): Promise<void> {
  forget(part);
  const tag = headers['etag'] as unknown;
  const validator = typeof tag === 'string' && !tag.startsWith('W/') ? tag : (headers['last-modified'] as unknown);
  if (typeof validator !== 'string') return; // a part of it cannot be distinguished from a part of another version
  await writeFileAtomic(noteOf(part), JSON.stringify({ url, validator } satisfies Begun));
}

function readBegun(part: string, url: string): Begun | undefined {
  try {
    const begun = JSON.parse(readFileSync(noteOf(part), 'utf8')) as Partial<Begun>;
    return begun.url === url && typeof begun.validator === 'string' ? (begun as Begun) : undefined;
  } catch {
    return undefined;
  }
}

function noteOf(part: string): string {
  return `${part}.json`;
}
