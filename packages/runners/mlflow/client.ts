import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { UserError } from '@dualprior/core';
import axios, { isAxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { isLoopback, type ServerAddress } from './address.ts';
import { ServerError } from './server-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds after which an idle connection is not used again: MLflow's own server closes it after five seconds. */
const IDLE = 2500;

/**
 * MLflow's REST interface over connections that are kept open. Credentials and certificates come from MLflow's own
 * environment variables: `MLFLOW_TRACKING_USERNAME` and `_PASSWORD` (first), `_TOKEN`, `_INSECURE_TLS`,
 * `_SERVER_CERT_PATH`, `_CLIENT_CERT_PATH`, and `MLFLOW_HTTP_REQUEST_TIMEOUT` (seconds, default 120).
 *
 * It tries each request once; a GET or PUT again where an idle connection was just closed. Errors: `ServerError`.
 */
export class MlflowClient {
  readonly uri: string;
  /** Requests that the server has done. */
  succeeded = 0;
  readonly #http: AxiosInstance;
  readonly #agents: readonly (HttpAgent | HttpsAgent)[];

  constructor(
    address: ServerAddress,
    private readonly signal?: AbortSignal,
    environment: Environment = process.env,
  ) {
    this.uri = address.uri;
    const kept = { keepAlive: true, maxSockets: 4, timeout: IDLE };
    const httpAgent = new HttpAgent(kept);
    const httpsAgent = new HttpsAgent({ ...kept, ...tlsOptions(environment) });
    this.#agents = [httpAgent, httpsAgent];
    this.#http = axios.create({
      baseURL: this.uri,
      httpAgent,
      httpsAgent,
      headers: authorization(address, environment),
      timeout: 1000 * (Number(environment['MLFLOW_HTTP_REQUEST_TIMEOUT']) || 120),
      maxRedirects: 0,
      maxBodyLength: Infinity,
      maxContentLength: Infinity,
      ...(isLoopback(this.uri) && { proxy: false }),
    });
  }

  /** GET `api/2.0/mlflow/PATH`. */
  async get<T>(path: string, params: Record<string, string> = {}): Promise<T> {
    return this.#json<T>({ method: 'GET', url: `/api/2.0/mlflow/${path}`, params });
  }

  /** POST `api/2.0/mlflow/PATH`. */
  async post<T>(path: string, body: object | string): Promise<T> {
    return this.#json<T>({
      method: 'POST',
      url: `/api/2.0/mlflow/${path}`,
      data: body,
      headers: { 'Content-Type': 'application/json' },
    });
  }

  /** Stores a file with the server's artifacts. `root` is the run's `artifact_uri`, of the scheme `mlflow-artifacts:`. */
  async putArtifact(root: string, path: string, content: Buffer): Promise<void> {
    const folder = decodeURIComponent(new URL(root).pathname).replace(/^\/+/, '');
    const segments = `${folder}/${path}`.split('/').map(encodeURIComponent);
    await this.#json({
      method: 'PUT',
      url: `/api/2.0/mlflow-artifacts/artifacts/${segments.join('/')}`,
      data: content,
      headers: { 'Content-Type': 'application/octet-stream' },
    });
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #json<T>(request: AxiosRequestConfig): Promise<T> {
    const wanted = { ...request, ...(this.signal && { signal: this.signal }) };
    let response: AxiosResponse;
    try {
      response = await this.#http.request(wanted).catch((error: unknown) => {
        if (request.method === 'POST' || !wasClosedWhileIdle(error)) throw error;
        return this.#http.request(wanted);
      });
    } catch (error) {
      throw this.#explain(error);
    }
    // An empty answer is what some proxies make of `{}`.
    const data: unknown = response.data === '' ? {} : response.data;
    if (typeof data !== 'object' || data === null)
      throw this.#wrongAddress('answers with a web page: it is not an MLflow server');
    this.succeeded++;
    return data as T;
  }

  #explain(error: unknown): Error {
    if (!isAxiosError(error)) return error as Error;
    if (error.response) return this.#explainAnswer(error.response);
    const code = error.code ?? '';
    const detail = `${code} ${error.message}`;
    if (/EPROTO|ERR_SSL|WRONG_VERSION|PACKET_LENGTH/i.test(detail)) {
      return this.#wrongAddress('does not speak https; its address may begin with http://');
    }
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/i.test(detail)) {
      const advice = 'MLFLOW_TRACKING_SERVER_CERT_PATH names the certificate to trust';
      return this.#wrongAddress(`has a certificate that cannot be trusted (${code || error.message}); ${advice}`);
    }
    const kind = /ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT/.test(code) ? 'busy' : 'unreachable';
    return new ServerError(kind, `${this.uri} does not answer (${reason(code) ?? error.message})`);
  }

  #explainAnswer({ status, data, headers }: AxiosResponse): ServerError {
    const body = answer(data);
    const told = body.message ? `: ${body.message.slice(0, 500)}` : '';
    if (status === 401 || status === 403) {
      const advice =
        'MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, hold what it wants';
      return new ServerError('denied', `${this.uri} denies access (HTTP ${status}${told}); ${advice}`, body.code);
    }
    if (status >= 300 && status < 400) {
      return this.#wrongAddress(`sends on to ${String(headers['location'] ?? 'another address')}; give that one`);
    }
    if (status === 408 || status === 429 || status >= 500) {
      const wait = retryAfter(headers['retry-after']);
      return new ServerError('busy', `${this.uri} is in trouble (HTTP ${status}${told})`, body.code, wait);
    }
    if (body.code === undefined) return this.#wrongAddress(`answers with HTTP ${status}: it is not an MLflow server`);
    return new ServerError('refused', `${this.uri} refuses (${body.code}${told})`, body.code);
  }

  #wrongAddress(what: string): ServerError {
    return new ServerError('wrong-address', `${this.uri} ${what}`);
  }
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

function authorization({ credentials }: ServerAddress, environment: Environment): Record<string, string> {
  const username = environment['MLFLOW_TRACKING_USERNAME'] ?? credentials?.username;
  const password = environment['MLFLOW_TRACKING_PASSWORD'] ?? credentials?.password;
  if (username && password !== undefined) {
    return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  }
  const token = environment['MLFLOW_TRACKING_TOKEN'];
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function tlsOptions(environment: Environment) {
  const server = certificate(environment, 'MLFLOW_TRACKING_SERVER_CERT_PATH');
  const client = certificate(environment, 'MLFLOW_TRACKING_CLIENT_CERT_PATH');
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
