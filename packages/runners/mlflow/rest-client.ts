import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { UserError } from '@dualprior/core';
import type { AxiosError, AxiosInstance, AxiosRequestConfig, AxiosResponse, CreateAxiosDefaults } from 'axios';
import { duration } from '../console/duration.ts';
import { isLoopback, type ServerAddress } from './address.ts';
import { ServerError } from './server-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds after which an idle connection is not used again: MLflow's own server closes it after five seconds. */
const IDLE = 2500;
/** Bytes of an answer. The largest, of `runs/search`, has some kilobytes a run. */
const LARGEST_ANSWER = 2 ** 26;

/**
 * MLflow's REST interface over connections that are kept open. Credentials and certificates come from MLflow's own
 * environment variables: `MLFLOW_TRACKING_USERNAME` and `_PASSWORD` (first), `_TOKEN`, `_INSECURE_TLS`,
 * `_SERVER_CERT_PATH`, `_CLIENT_CERT_PATH`, and `MLFLOW_HTTP_REQUEST_TIMEOUT` (seconds, default 120).
 *
 * It tries each request once; a GET or PUT again where an idle connection was just closed. Errors: `ServerError`.
 */
export class MlflowClient {
  readonly uri: string;
  /** Counts what the server has taken: it grows only while a delivery gets on. */
  taken = 0;
  readonly #settings: CreateAxiosDefaults;
  #http: Promise<AxiosInstance> | undefined;
  readonly #agents: readonly (HttpAgent | HttpsAgent)[];
  readonly #login: Login;

  constructor(
    private readonly address: ServerAddress,
    private readonly signal?: AbortSignal,
    environment: Environment = process.env,
  ) {
    this.uri = address.uri;
    const kept = { keepAlive: true, maxSockets: 4, timeout: IDLE };
    const httpAgent = new HttpAgent(kept);
    const httpsAgent = new HttpsAgent({ ...kept, ...tlsOptions(address, environment) });
    this.#login = loginTo(address, environment);
    this.#agents = [httpAgent, httpsAgent];
    this.#settings = {
      baseURL: this.uri,
      httpAgent,
      httpsAgent,
      headers: this.#login.header === undefined ? {} : { Authorization: this.#login.header },
      timeout: 1000 * (Number(environment['MLFLOW_HTTP_REQUEST_TIMEOUT']) || 120),
      maxRedirects: 0,
      maxBodyLength: Infinity,
      maxContentLength: LARGEST_ANSWER,
      ...(isLoopback(this.uri) && { proxy: false }),
    };
  }

  /** GET `api/2.0/mlflow/PATH`. */
  async get<T>(path: string, params: Record<string, string> = {}): Promise<T> {
    return this.#json<T>({ method: 'GET', url: `/api/2.0/mlflow/${path}`, params });
  }

  /** POST `api/2.0/mlflow/PATH` that only asks. */
  async ask<T>(path: string, body: object): Promise<T> {
    return this.#json<T>(posted(path, body));
  }

  /** POST `api/2.0/mlflow/PATH` that changes something, and answers. */
  async post<T>(path: string, body: object): Promise<T> {
    const answer = await this.#json<T>(posted(path, body));
    this.taken++;
    return answer;
  }

  /** The same of what has no answer: some proxies make nothing of `{}`. */
  async send(path: string, body: object): Promise<void> {
    await this.#json(posted(path, body), {});
    this.taken++;
  }

  /** PATCH `api/2.0/mlflow/PATH`. */
  async patch(path: string, body: object): Promise<void> {
    await this.#json({ ...posted(path, body), method: 'PATCH' }, {});
    this.taken++;
  }

  /** Stores a file with the server's artifacts. `root` is the `artifact_uri` of a run or model, of the scheme `mlflow-artifacts:`. */
  async putArtifact(root: string, path: string, content: Buffer): Promise<void> {
    const folder = decodeURIComponent(new URL(root).pathname).replace(/^\/+/, '');
    const segments = `${folder}/${path}`.split('/').map(encodeURIComponent);
    const request = {
      method: 'PUT',
      url: `/api/2.0/mlflow-artifacts/artifacts/${segments.join('/')}`,
      data: content,
      headers: { 'Content-Type': 'application/octet-stream' },
    };
    await this.#json(request, {});
    this.taken++;
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #request(request: AxiosRequestConfig): Promise<AxiosResponse<unknown>> {
    // It takes a while to load, and many commands need none of it.
    this.#http ??= import('axios').then(({ default: axios }) => axios.create(this.#settings));
    return (await this.#http).request<unknown>(request);
  }

  /** @param empty stands for an answer without content, where there may be none */
  async #json<T>(request: AxiosRequestConfig, empty?: T): Promise<T> {
    const wanted = { ...request, ...(this.signal && { signal: this.signal }) };
    let response: AxiosResponse<unknown>;
    try {
      response = await this.#request(wanted).catch((error: unknown) => {
        if (request.method === 'POST' || !wasClosedWhileIdle(error)) throw error;
        return this.#request(wanted);
      });
    } catch (error) {
      throw this.#explain(error, request);
    }
    const { data, headers } = response;
    if (data === '' && empty !== undefined) return empty;
    if (typeof data === 'object' && data !== null) return data as T;
    // What should be JSON and cannot be read as such was cut where the answer did not say its length.
    if (/json/i.test(String(headers['content-type'] ?? ''))) throw this.#cut();
    throw this.#wrongAddress('answers with a web page: it is not an MLflow server');
  }

  #explain(error: unknown, request: AxiosRequestConfig): Error {
    if (!isAxiosError(error)) return error as Error;
    const code = error.code ?? '';
    if (code === 'ERR_CANCELED') return new ServerError('unreachable', `${this.uri} took too long`);
    if (error.response) {
      return error.response.status < 300 ? this.#cut() : this.#explainAnswer(error.response, request.method === 'PUT');
    }
    const detail = `${code} ${error.message}`;
    if (/EPROTO|ERR_SSL|WRONG_VERSION|PACKET_LENGTH/i.test(detail)) {
      return this.#wrongAddress('does not speak https; its address may begin with http://');
    }
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/i.test(detail)) {
      const advice = 'MLFLOW_TRACKING_SERVER_CERT_PATH names the certificate to trust';
      return this.#wrongAddress(`has a certificate that cannot be trusted (${code || 'unknown reason'}); ${advice}`);
    }
    if (/^HPE_/.test(code)) return this.#wrongAddress('does not speak HTTP: it is not an MLflow server');
    if (code === 'ERR_BAD_RESPONSE') {
      return this.#wrongAddress(`answers with more than ${LARGEST_ANSWER / 2 ** 20} MiB: it is not an MLflow server`);
    }
    if (/^Z_/.test(code)) return this.#cut();
    const kind = /ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT/.test(code) ? 'busy' : 'unreachable';
    return new ServerError(kind, `${this.uri} does not answer (${reason(code) ?? this.#hide(error.message)})`);
  }

  #explainAnswer({ status, data, headers }: AxiosResponse<unknown>, isFile: boolean): ServerError {
    const { code, message } = answer(data);
    const told = message === undefined ? '' : `: ${this.#hide(message).slice(0, 500)}`;
    if (status === 401 || status === 403) {
      const advice = this.address.anonymous
        ? `this address is recorded in the run directory, so your credentials are not sent there; --uri ${this.uri} sends them`
        : 'MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, hold what it wants';
      return new ServerError('denied', `${this.uri} denies access (HTTP ${status}${told}); ${advice}`, {
        status,
        code,
      });
    }
    if (status >= 300 && status < 400) {
      return this.#wrongAddress(`sends on to ${target(headers['location'], this.uri)}; give that one`, status);
    }
    if (status === 408 || status === 429 || (status >= 500 && !(isFile && NEVER.includes(status)))) {
      const retryAfterSeconds = retryAfter(headers['retry-after']);
      const wait = retryAfterSeconds
        ? `; it asks to be left alone for ${duration(retryAfterSeconds)} (Retry-After)`
        : '';
      return new ServerError('busy', `${this.uri} is in trouble (HTTP ${status}${told})${wait}`, {
        status,
        code,
        retryAfterSeconds,
      });
    }
    if (status === 413) {
      const message = `${this.uri} or a proxy before it takes nothing so large (HTTP 413${told})`;
      return new ServerError('refused', message, { status, code });
    }
    if (code !== undefined) {
      return new ServerError('refused', `${this.uri} refuses (${code}${told})`, { status, code });
    }
    if (isFile) return new ServerError('refused', `${this.uri} does not take the file (HTTP ${status})`, { status });
    return this.#wrongAddress(`answers with HTTP ${status}: it is not an MLflow server`, status);
  }

  #cut(): ServerError {
    return new ServerError('busy', `${this.uri} does not answer (its answer was cut in the middle)`);
  }

  #wrongAddress(what: string, status?: number): ServerError {
    return new ServerError('wrong-address', `${this.uri} ${what}`, { status });
  }

  /** What a server says, without the credentials that it may repeat. */
  #hide(text: string): string {
    return this.#login.secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text);
  }
}

/** HTTP's status of what will not be otherwise in a while: not implemented, no room. */
const NEVER = [501, 505, 507];

function posted(path: string, data: object): AxiosRequestConfig {
  return {
    method: 'POST',
    url: `/api/2.0/mlflow/${path}`,
    data,
    headers: { 'Content-Type': 'application/json' },
  };
}

/** Where a redirection leads, without what may be secret in it. */
function target(location: unknown, from: string): string {
  if (typeof location !== 'string' || !URL.canParse(location, from)) return 'another address';
  const { origin, pathname } = new URL(location, from);
  return `${origin}${pathname}`;
}

function isAxiosError(error: unknown): error is AxiosError {
  return (error as Partial<AxiosError> | undefined)?.isAxiosError === true;
}

/**
 * Servers close a connection that was idle for some seconds; a request that is sent at that moment fails before the
 * server sees it. What can be done twice is sent again over a new connection; a POST may have been done, so whoever sent
 * it must look first.
 */
function wasClosedWhileIdle(error: unknown): boolean {
  if (!isAxiosError(error) || error.response) return false;
  const request = error.request as { reusedSocket?: boolean } | undefined;
  return request?.reusedSocket === true && /ECONNRESET|EPIPE/.test(error.code ?? '');
}

function reason(code: string): string | undefined {
  const reasons: Record<string, string> = {
    ECONNREFUSED: 'connection refused: no server runs there',
    ENOTFOUND: 'no such host',
    EAI_AGAIN: 'the name of the host cannot be looked up',
    ECONNRESET: 'the connection was cut',
    EPIPE: 'the connection was cut',
    ECONNABORTED: 'timeout',
    ETIMEDOUT: 'timeout',
    EHOSTUNREACH: 'no route to the host',
    ENETUNREACH: 'no network',
  };
  return reasons[code];
}

function answer(data: unknown): { code?: string; message?: string } {
  if (typeof data !== 'object' || data === null) return {};
  const { error_code: code, message } = data as { error_code?: unknown; message?: unknown };
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
  };
}

/** Seconds, from a number of seconds or an HTTP date. */
function retryAfter(header: unknown): number | undefined {
  if (typeof header !== 'string' || header === '') return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

interface Login {
  /** The header `Authorization`; undefined if no credentials are known. */
  readonly header?: string;
  /** What nobody may see, in every form in which it travels. */
  readonly secrets: readonly string[];
}

function loginTo({ login, anonymous }: ServerAddress, environment: Environment): Login {
  if (anonymous) return { secrets: [] };
  const username = environment['MLFLOW_TRACKING_USERNAME'] ?? login?.username;
  const password = environment['MLFLOW_TRACKING_PASSWORD'] ?? login?.password;
  if ((username || login) && password !== undefined) {
    const basic = Buffer.from(`${username ?? ''}:${password}`).toString('base64');
    const secrets = [basic, password, encodeURIComponent(password)].filter((secret) => secret !== '');
    return { header: `Basic ${basic}`, secrets };
  }
  const token = environment['MLFLOW_TRACKING_TOKEN'];
  if (!token) return { secrets: [] };
  if (/[^\x20-\x7e]/.test(token)) {
    throw new UserError('MLFLOW_TRACKING_TOKEN holds a line break or another character that no token has.');
  }
  return { header: `Bearer ${token}`, secrets: [token] };
}

function tlsOptions({ anonymous }: ServerAddress, environment: Environment) {
  const server = certificate(environment, 'MLFLOW_TRACKING_SERVER_CERT_PATH');
  const client = anonymous ? undefined : certificate(environment, 'MLFLOW_TRACKING_CLIENT_CERT_PATH');
  const insecure = /^(1|true)$/i.test(environment['MLFLOW_TRACKING_INSECURE_TLS'] ?? '');
  return {
    ...(insecure && { rejectUnauthorized: false }),
    ...(server && { ca: server }),
    ...(client && { cert: client, key: client }),
  };
}

function certificate(environment: Environment, variable: string): Buffer | undefined {
  const file = environment[variable];
  if (!file) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(`${variable}: ${(error as Error).message}`);
  }
}
