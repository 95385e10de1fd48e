import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterwards, instead, type Fault } from './fault.ts';

export interface Passing {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** From 1. */
  readonly number: number;
}

export type Faults = (request: Passing) => Fault;

/** A proxy in front of an MLflow server with the faults of real ones. */
export class FlakyProxy {
  faults: Faults = () => undefined;
  readonly requests: Passing[] = [];
  /** Faults that happened. */
  faulty = 0;
  readonly #server: Server;

  /** @param target address of the server */
  constructor(private readonly target: string) {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.socket?.destroy());
    });
  }

  get uri(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await all(request);
    const { method = 'GET', url = '/' } = request;
    const passing = { method, path: new URL(url, 'http://x').pathname, number: this.requests.length + 1 };
    this.requests.push(passing);
    const fault = this.faults(passing);
    if (fault) this.faulty++;
    if (instead(fault, response)) return;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { host: _, connection: __, ...headers } = request.headers;
      forward(`${this.target}${url}`, { method, headers }, resolve).on('error', reject).end(body);
    });
    const type = answer.headers['content-type'];
    afterwards(fault, response, answer.statusCode!, type ? { 'Content-Type': type } : {}, await all(answer));
  }
}

/** A server that limits how often it is asked. */
export function busyEvery(requests: number): Faults {
  return ({ number }) => (number % requests === 0 ? page(429, 'Too Many Requests') : undefined);
}

/** A server that wants nothing more today after so many requests. */
export function busyForADay(requests: number): Faults {
  const fault = { ...page(429, 'Too Many Requests'), headers: { 'Retry-After': '86400' } };
  return ({ number }) => (number > requests ? fault : undefined);
}

/** The faults that proxies, overloaded servers and networks are known for. */
export const FAULTS = {
  /** A proxy that limits the size of uploads. */
  'artifacts too large': ({ method }) => (method === 'PUT' ? page(413, 'Request Entity Too Large') : undefined),
  /** A store of artifacts that cannot be written. */
  'artifacts broken': ({ method }) =>
    method === 'PUT' ? json(500, { error_code: 'INTERNAL_ERROR', message: 'no such bucket' }) : undefined,
  'artifacts hanging': ({ method }) => (method === 'PUT' ? 'hang' : undefined),
  'busy now and then': busyEvery(20),
  /** Every third request loses its answer, or a part of it. */
  'answers cut': ({ number }) =>
    number % 3 === 0 ? (['cut', 'cut after', 'cut in the middle'] as const)[(number / 3) % 3] : undefined,
  'busy for a day': busyForADay(10),
  /** A network whose log-in page comes up for a while. */
  'captive portal': ({ number }) => (number > 10 && number <= 14 ? page(200, 'Welcome') : undefined),
  redirect: ({ number }) =>
    number > 10 && number <= 14
      ? { status: 302, headers: { Location: 'https://user:secret@login.example/?token=secret' } }
      : undefined,
} satisfies Record<string, Faults>;

function page(status: number, title: string) {
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, headers: { 'Content-Type': 'text/html' }, body };
}

function json(status: number, body: object) {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function all(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
