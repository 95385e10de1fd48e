import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogBatch, KeyValue, MlflowMetric } from '../batches.ts';
import { afterwards, instead, type Fault } from './fault.ts';

interface FakeRun {
  readonly id: string;
  readonly name: string;
  status: string;
  deleted: boolean;
  readonly start: number;
  end: number | undefined;
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  /** Every point as it came, duplicates and all: stricter than MLflow's databases. */
  readonly metrics: MlflowMetric[];
  readonly artifacts: Map<string, Buffer>;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly bytes: number;
  readonly authorization: string | undefined;
}

/** The part of MLflow's REST interface that is used, in memory, with MLflow's limits and with faults on demand. */
export class FakeMlflow {
  readonly runs = new Map<string, FakeRun>();
  readonly experiments = new Map<string, { id: string; deleted: boolean }>();
  readonly requests: FakeRequest[] = [];
  /** Keys of metrics that are refused. */
  readonly refusedKeys = new Set<string>();
  artifactRoot = (run: string): string => `mlflow-artifacts:/1/${run}/artifacts`;
  fault: (request: FakeRequest) => Fault = () => undefined;
  #server: Server | undefined;
  #port = 0;

  get uri(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
  }

  /** The run with this path in the tree of runs. */
  run(path: string): FakeRun {
    const found = [...this.runs.values()].filter((run) => !run.deleted && run.tags.get('dualprior.path') === path);
    if (found.length !== 1) throw new Error(`${found.length} runs have the path ${path}`);
    return found[0]!;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '', 'http://x');
    const { authorization } = request.headers;
    const seen = { method: request.method ?? '', path: url.pathname, bytes: body.length, authorization };
    this.requests.push(seen);
    const fault = this.fault(seen);
    if (instead(fault, response)) return;
    const [status, answer] = this.#answer(url, body);
    afterwards(fault, response, status, { 'Content-Type': 'application/json' }, Buffer.from(JSON.stringify(answer)));
  }

  #answer(url: URL, body: Buffer): [status: number, answer: object] {
    const [, artifactRun, path] =
      /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/1\/(\w+)\/artifacts\/(.+)$/.exec(url.pathname) ?? [];
    if (artifactRun && path) {
      this.runs.get(artifactRun)!.artifacts.set(decodeURIComponent(path), body);
      return [200, {}];
    }
    const call = url.pathname.replace('/api/2.0/mlflow/', '');
    if (body.length > 1e6) return refusal(`body of ${body.length} bytes`);
    const input = body.length > 0 ? (JSON.parse(body.toString()) as Record<string, never>) : {};
    switch (call) {
      case 'experiments/get-by-name':
        return this.#getExperiment(url.searchParams.get('experiment_name')!);
      case 'experiments/create':
        return this.#createExperiment(input['name']!);
      case 'runs/search':
        return this.#search(input['filter']!);
      case 'runs/create':
        return this.#createRun(input);
      case 'runs/get':
        return [200, { run: this.#describe(this.runs.get(url.searchParams.get('run_id')!)!) }];
      case 'runs/update':
        return this.#update(input);
      case 'runs/log-batch':
        return this.#log(input);
      case 'artifacts/list':
        return this.#list(url.searchParams);
      default:
        return [404, { error: call }];
    }
  }

  #getExperiment(name: string): [number, object] {
    const found = this.experiments.get(name);
    if (!found) return [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: name }];
    const lifecycle_stage = found.deleted ? 'deleted' : 'active';
    return [200, { experiment: { experiment_id: found.id, lifecycle_stage } }];
  }

  #createExperiment(name: string): [number, object] {
    if (this.experiments.has(name)) return [400, { error_code: 'RESOURCE_ALREADY_EXISTS', message: name }];
    const id = String(this.experiments.size + 1);
    this.experiments.set(name, { id, deleted: false });
    return [200, { experiment_id: id }];
  }

  #search(filter: string): [number, object] {
    const [, tag, value] = /^tags\.`(.+)` = '(.+)'$/.exec(filter)!;
    const runs = [...this.runs.values()].filter((run) => !run.deleted && run.tags.get(tag!) === value);
    return [200, { runs: runs.map((run) => this.#describe(run)) }];
  }

  #createRun(input: Record<string, never>): [number, object] {
    const id = `run${this.runs.size + 1}`;
    this.runs.set(id, {
      id,
      name: input['run_name']!,
      status: 'RUNNING',
      deleted: false,
      start: input['start_time']!,
      end: undefined,
      tags: new Map((input['tags'] as unknown as KeyValue[]).map(({ key, value }) => [key, value])),
      params: new Map(),
      metrics: [],
      artifacts: new Map(),
    });
    return [200, { run: this.#describe(this.runs.get(id)!) }];
  }

  #update(input: Record<string, never>): [number, object] {
    const run = this.runs.get(input['run_id']!)!;
    run.status = input['status']!;
    run.end = input['end_time'];
    return [200, {}];
  }

  #log(input: Record<string, never>): [number, object] {
    const run = this.runs.get(input['run_id']!);
    if (!run) return [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no run' }];
    if (run.deleted) return refusal("The run must be in the 'active' state. Current state is deleted.");
    const { metrics, params, tags } = input as unknown as LogBatch;
    if (metrics.length > 1000 || params.length > 100 || tags.length > 100) return refusal('too many of a kind');
    if (metrics.length + params.length + tags.length > 1000) return refusal('too many entities');
    for (const { key } of metrics) if (this.refusedKeys.has(key)) return refusal(`key ${key}`);
    for (const { key } of [...metrics, ...params, ...tags])
      if (!/^[/\p{L}\p{N}_.\- ]{1,250}$/u.test(key)) return refusal(`key ${key}`);
    for (const { value } of metrics) if (typeof value !== 'number') return refusal('a value');
    for (const { key, value } of params) {
      if (value.length > 6000 || (run.params.has(key) && run.params.get(key) !== value)) return refusal(`param ${key}`);
    }
    for (const { value } of tags) if (value.length > 8000) return refusal('long tag');
    for (const { key, value } of params) run.params.set(key, value);
    for (const { key, value } of tags) run.tags.set(key, value);
    run.metrics.push(...metrics);
    return [200, {}];
  }

  #list(query: URLSearchParams): [number, object] {
    const run = this.runs.get(query.get('run_id')!)!;
    const files = [...run.artifacts.keys()].filter((path) => path.startsWith(`${query.get('path')}/`));
    return [200, { files: files.map((path) => ({ path, is_dir: false })) }];
  }

  #describe(run: FakeRun): object {
    const latest = new Map<string, MlflowMetric>();
    for (const metric of run.metrics) {
      const last = latest.get(metric.key);
      if (!last || metric.step >= last.step) latest.set(metric.key, metric);
    }
    const pairs = (map: Map<string, string>) => [...map].map(([key, value]) => ({ key, value }));
    return {
      info: { run_id: run.id, status: run.status, artifact_uri: this.artifactRoot(run.id), lifecycle_stage: 'active' },
      data: { metrics: [...latest.values()], params: pairs(run.params), tags: pairs(run.tags) },
    };
  }
}

function refusal(message: string): [number, object] {
  return [400, { error_code: 'INVALID_PARAMETER_VALUE', message }];
}
