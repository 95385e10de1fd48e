import { createServer, type AddressInfo } from 'node:net';
import axios from 'axios';
import { findLocalServer, startLocalServer, stopLocalServer, type LocalServer } from '../local-server.ts';
import type { RunDescription } from '../server-run.ts';

export interface Point {
  readonly step: number;
  readonly value: number;
  readonly timestamp: number;
}

/** A logged model as the server tells it. */
export interface LoggedModelDescription {
  readonly info: {
    readonly name: string;
    readonly status: string;
    readonly model_id: string;
    readonly source_run_id: string;
    readonly tags: readonly { readonly key: string; readonly value: string }[];
  };
  readonly data: {
    readonly metrics?: readonly {
      readonly key: string;
      readonly value: number;
      readonly run_id: string;
      readonly dataset_name?: string;
    }[];
  };
}

/** A real MLflow server with a folder of its own, read back by MLflow's own interface. */
export class RealMlflow {
  #server: LocalServer | undefined;
  #port: number | undefined;

  /** @param data folder of its database and artifacts */
  constructor(readonly data: string) {}

  get server(): LocalServer {
    if (!this.#server) throw new Error('The server was not started.');
    return this.#server;
  }

  get uri(): string {
    return this.server.uri;
  }

  /** Starts it, always at the same port. */
  async start(): Promise<void> {
    this.#port ??= await freePort();
    const options = { log: () => {}, data: this.data, port: this.#port };
    const { server, child } = await startLocalServer(options, true);
    child.unref();
    this.#server = server;
  }

  /** Returns when nobody answers any more. */
  async kill(): Promise<void> {
    process.kill(-this.server.pid, 'SIGKILL');
    await until(async () => (await findLocalServer(this.data)) === undefined);
  }

  async stop(): Promise<void> {
    await stopLocalServer(this.data);
  }

  async experimentId(name: string): Promise<string> {
    const { experiment } = await this.#get<{ experiment: { experiment_id: string } }>('experiments/get-by-name', {
      experiment_name: name,
    });
    return experiment.experiment_id;
  }

  /** All logged models of an experiment. */
  async models(experiment: string): Promise<LoggedModelDescription[]> {
    const { data } = await axios.post<{ models?: LoggedModelDescription[] }>(
      `${this.uri}/api/2.0/mlflow/logged-models/search`,
      { experiment_ids: [await this.experimentId(experiment)] },
    );
    return data.models ?? [];
  }

  /** The runs at this path in the tree of runs. */
  async runs(experiment: string, path: string): Promise<RunDescription[]> {
    const { data } = await axios.post<{ runs?: RunDescription[] }>(`${this.uri}/api/2.0/mlflow/runs/search`, {
      experiment_ids: [await this.experimentId(experiment)],
      filter: `tags.\`dualprior.path\` = '${path}'`,
      run_view_type: 'ALL',
    });
    return data.runs ?? [];
  }

  /** The only run at this path. */
  async run(experiment: string, path: string): Promise<RunDescription> {
    const [run, ...others] = await this.runs(experiment, path);
    if (!run || others.length > 0) throw new Error(`${others.length + (run ? 1 : 0)} runs have the path ${path}.`);
    return run;
  }

  /** All points of a metric by step, duplicates and all. */
  async points(run: RunDescription, key: string): Promise<Point[]> {
    const { metrics = [] } = await this.#get<{ metrics?: Point[] }>('metrics/get-history', {
      run_id: run.info.run_id,
      metric_key: key,
    });
    return metrics.sort((a, b) => a.step - b.step);
  }

  /** Names of the files and folders of a run in a folder of it. */
  async list(run: RunDescription, path = ''): Promise<string[]> {
    const { files = [] } = await this.#get<{ files?: { path: string }[] }>('artifacts/list', {
      run_id: run.info.run_id,
      ...(path && { path }),
    });
    return files.map((file) => file.path).sort();
  }

  async download(run: RunDescription, path: string): Promise<Buffer> {
    const { data } = await axios.get<ArrayBuffer>(`${this.uri}/get-artifact`, {
      params: { run_uuid: run.info.run_id, path },
      responseType: 'arraybuffer',
    });
    return Buffer.from(data);
  }

  async #get<T>(path: string, params: object): Promise<T> {
    return (await axios.get<T>(`${this.uri}/api/2.0/mlflow/${path}`, { params })).data;
  }
}

export function tagsOf({ data }: RunDescription): Record<string, string> {
  return Object.fromEntries((data?.tags ?? []).map(({ key, value }) => [key, value]));
}

/** Waits until something holds, for 30 seconds at most. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await condition().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('It did not happen within 30 seconds.');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
