import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { didYouMean, Interrupted, UserError } from '@dualprior/core';
import type { Console } from '../../console/console.ts';
import { FORMAT_NAMES, type PhotoFormat } from '../photo-format.ts';
import { readFacts, readPicture } from '../photo.ts';
import type { PhotoRestorer, Restored } from '../photo-restorer.ts';
import { QUALITY } from '../restore.ts';
import { UnusablePhoto } from '../unusable-photo.ts';
import { checkFits, writePhoto } from '../write-photo.ts';
import { checkOrigin } from './origin.ts';
import { Queue } from './queue.ts';
import { receive } from './receive.ts';
import { Refusal } from './refusal.ts';

/** What is accepted from clients. */
interface Limits {
  /** Bytes of a photograph. */
  readonly bytes: number;
  /** Pixels of a photograph. */
  readonly pixels: number;
  /** Time for one, from when it is started, in ms. */
  readonly time: number;
  /** How many may wait or be restored at once. */
  readonly queue: number;
}

/** A file of the page that people restore photographs on. */
export interface PageFile {
  /** As HTTP has it. */
  readonly type: string;
  readonly content: Uint8Array;
}

interface ServerOptions {
  /** Names of the methods; the first is the one that is taken where none is named. */
  readonly methods: readonly string[];
  /** Opens a method when it is first asked for. */
  open(method: string): PhotoRestorer | Promise<PhotoRestorer>;
  /** Makes the page when it is first asked for: files by their paths, `/` the first of them. Absent: there is none. */
  page?(): Promise<ReadonlyMap<string, PageFile>>;
  readonly limits: Limits;
  /** Whether only this machine reaches it, so that names of other machines are refused. */
  readonly isLocal: boolean;
  readonly console: Pick<Console, 'warn'>;
}

/** How long a request may take to arrive, in ms. */
const ARRIVAL = 60_000;

/**
 * A server that restores photographs: `POST /restore?method=NAME&format=png` with the bytes of one answers with those of the restored one, `GET /methods`
 * with the names, and a page for display. Headers of the answer say how many tiles and, of methods for aligned faces, how many faces there were, and what is
 * worth knowing of the result. Errors are JSON, `{error}`.
 */
export function restoreServer(options: ServerOptions): Server {
  const service = new Service(options);
  const server = createServer((request, response) => void service.answer(request, response));
  server.requestTimeout = ARRIVAL;
  server.headersTimeout = ARRIVAL;
  server.on('close', () => service.dispose());
  return server;
}

class Service {
  readonly #restorers = new Map<string, PhotoRestorer>();
  readonly #queue: Queue;
  #page: Promise<ReadonlyMap<string, PageFile>> | undefined;

  constructor(private readonly options: ServerOptions) {
    this.#queue = new Queue(options.limits.queue);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      checkOrigin(request, this.options.isLocal);
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === '/methods') {
        allow(request, 'GET');
        send(response, 200, 'application/json', Buffer.from(JSON.stringify({ methods: this.options.methods })));
      } else if (pathname === '/restore') {
        allow(request, 'POST');
        await this.#restore(request, response, searchParams);
      } else {
        const file = await this.#pageFile(pathname);
        allow(request, 'GET');
        send(response, 200, file.type, file.content);
      }
    } catch (error) {
      this.#refuse(response, error);
    }
  }

  dispose(): void {
    for (const restorer of this.#restorers.values()) restorer.dispose();
    this.#restorers.clear();
  }

  async #pageFile(path: string): Promise<PageFile> {
    const { page } = this.options;
    const file = page && (await (this.#page ??= page())).get(path);
    if (file) return file;
    throw new Refusal(404, `there is ${page ? 'a page at /, ' : ''}POST /restore?method=NAME and GET /methods`);
  }

  async #restore(request: IncomingMessage, response: ServerResponse, wishes: URLSearchParams): Promise<void> {
    const { limits } = this.options;
    const method = this.#method(wishes.get('method'));
    const wanted = formatOf(wishes.get('format'));
    const left = new AbortController();
    response.on('close', () => left.abort());
    const folder = mkdtempSync(join(tmpdir(), 'dualprior-serve-'));
    try {
      const [input, output] = [join(folder, 'photograph'), join(folder, 'restored')];
      await receive(request, input, limits.bytes);
      const {
        format,
        tiles,
        faces,
        notes = [],
      } = await this.#queue.run(async () => {
        const signal = AbortSignal.any([left.signal, AbortSignal.timeout(limits.time)]);
        return this.#file(input, output, method, wanted, signal);
      }, left.signal);
      send(response, 200, `image/${format}`, await readFile(output), {
        'Restored-Tiles': String(tiles),
        ...(faces !== undefined && { 'Restored-Faces': String(faces) }),
        ...(notes.length > 0 && { 'Restored-Notes': notes.join('; ') }),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #file(
    input: string,
    output: string,
    method: string,
    wanted: PhotoFormat | undefined,
    signal: AbortSignal,
  ): Promise<Restored & { readonly format: PhotoFormat }> {
    const facts = await readFacts(input);
    const format = wanted ?? facts.format;
    const { pixels } = this.options.limits;
    if (facts.width * facts.height > pixels) {
      throw new Refusal(413, `it is ${facts.width}x${facts.height}, and at most ${pixels} pixels are taken`);
    }
    checkFits(facts, format);
    const restorer = await this.#restorer(method);
    restorer.check(facts);
    const picture = await restorer.restore(await readPicture(facts), { signal, progress: () => {} });
    await writePhoto(output, picture, facts, { format, quality: QUALITY });
    return { ...picture, format };
  }

  #method(wanted: string | null): string {
    const { methods } = this.options;
    if (wanted === null) return methods[0]!;
    if (methods.includes(wanted)) return wanted;
    const hint = didYouMean(wanted, methods);
    throw new Refusal(404, `there is no such method${hint ? `; ${hint}` : ''}; methods: ${methods.join(', ')}`);
  }

  async #restorer(method: string): Promise<PhotoRestorer> {
    const known = this.#restorers.get(method);
    if (known) return known;
    try {
      const opened = await this.options.open(method);
      this.#restorers.set(method, opened);
      return opened;
    } catch (error) {
      this.options.console.warn(`the method ${method} cannot be opened: ${(error as Error).message}`);
      throw new Refusal(500, 'the method cannot be opened; whoever runs this server sees why');
    }
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const { status, message, headers } = this.#told(error);
    if (response.headersSent || response.destroyed) return;
    send(response, status, 'application/json', Buffer.from(JSON.stringify({ error: message })), headers);
  }

  #told(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof UnusablePhoto) return new Refusal(422, error.message);
    if (error instanceof Interrupted) return new Refusal(504, 'it takes longer than is allowed; send a smaller one');
    if (error instanceof UserError) return new Refusal(422, error.message);
    const { name, code, stack } = error as NodeJS.ErrnoException;
    if (name === 'AbortError' || code === 'ECONNRESET') return new Refusal(499, 'the connection was closed');
    this.options.console.warn(`a request failed: ${stack ?? String(error)}`);
    return new Refusal(500, 'it failed here; whoever runs this server sees why');
  }
}

function allow({ method }: IncomingMessage, allowed: string): void {
  if (method !== allowed) throw new Refusal(405, `only ${allowed} is answered here`, { Allow: allowed });
}

function formatOf(wanted: string | null): PhotoFormat | undefined {
  if (wanted === null) return undefined;
  const known = FORMAT_NAMES.find((name) => name === wanted);
  if (known) return known;
  throw new Refusal(400, `format must be one of ${FORMAT_NAMES.join(', ')}`);
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': body.length,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(body);
}
