import type { DatasetUse, RunStatus } from '@dualprior/core';
import type { KeyValue, LogBatch, MlflowMetric } from './batches.ts';
import type { MlflowClient } from './rest-client.ts';
import { inputKey, toDatasetInput } from './dataset-input.ts';
import { logBatch } from './log-batch.ts';
import { ServerError } from './server-error.ts';

/** A run as MLflow describes it. */
export interface RunDescription {
  readonly info: {
    readonly run_id: string;
    readonly status: string;
    readonly artifact_uri: string;
    readonly lifecycle_stage?: string;
  };
  readonly data?: {
    readonly metrics?: readonly MlflowMetric[];
    readonly params?: readonly KeyValue[];
    readonly tags?: readonly KeyValue[];
  };
  readonly inputs?: {
    readonly dataset_inputs?: readonly { readonly dataset: { readonly name: string; readonly digest: string } }[];
    readonly model_inputs?: readonly { readonly model_id: string }[];
  };
  readonly outputs?: { readonly model_outputs?: readonly { readonly model_id: string }[] };
}

/**
 * A run on the server, and what it holds: the latest step of each metric, parameters, tags. What is there is not
 * sent again, so that a delivery can be repeated after any failure. (The steps of a metric grow in a journal, and
 * MLflow's databases take a batch as a whole, so the latest step says which points are there.)
 */
export class ServerRun {
  readonly id: string;
  readonly artifactRoot: string;
  #status: string;
  readonly #metrics = new Map<string, { step: number; value: number }>();
  readonly #params = new Map<string, string>();
  readonly #tags = new Map<string, string>();
  readonly #inputs = new Set<string>();
  readonly #outputs = new Set<string>();
  /** An answer was lost: whether the batch was taken, the server must be asked. */
  #uncertain = false;

  constructor(
    private readonly client: MlflowClient,
    description: RunDescription,
  ) {
    this.id = description.info.run_id;
    this.artifactRoot = description.info.artifact_uri;
    this.#status = description.info.status;
    this.#learn(description);
  }

  get running(): boolean {
    return this.#status === 'RUNNING' || this.#status === 'SCHEDULED';
  }

  tag(key: string): string | undefined {
    return this.#tags.get(key);
  }

  param(key: string): string | undefined {
    return this.#params.get(key);
  }

  get params(): KeyValue[] {
    return [...this.#params].map(([key, value]) => ({ key, value }));
  }

  /** True if the point is there: a later step is, or this step with this value (a result measured again is news). */
  has({ key, step, value }: MlflowMetric): boolean {
    const last = this.#metrics.get(key);
    return last !== undefined && (step < last.step || (step === last.step && value === last.value));
  }

  /**
   * Sends what the run does not have yet. What the server refuses is found, left out and named in the answer.
   * Errors: `ServerError` of every kind but `refused`.
   */
  async log(batch: LogBatch): Promise<string[]> {
    await this.#ask();
    try {
      return await logBatch(this.client, this.id, this.#news(batch), (part) => this.#remember(part));
    } catch (error) {
      this.#uncertain = !(error instanceof ServerError) || error.mayBeDone;
      throw error;
    }
  }

  /** Adds data sets that the run reads. Errors: `ServerError`. */
  async addInputs(uses: readonly DatasetUse[]): Promise<void> {
    const inputs = uses.map(toDatasetInput).filter(({ dataset }) => !this.#inputs.has(inputKey(dataset)));
    if (inputs.length === 0) return;
    await this.client.send('runs/log-inputs', { run_id: this.id, datasets: inputs });
    for (const { dataset } of inputs) this.#inputs.add(inputKey(dataset));
  }

  /** Adds logged models that the run uses. Errors: `ServerError`. */
  async addModelInputs(models: Iterable<string>): Promise<void> {
    const added = [...models].filter((model) => !this.#inputs.has(model));
    if (added.length === 0) return;
    await this.client.send('runs/log-inputs', { run_id: this.id, models: added.map((model_id) => ({ model_id })) });
    for (const model of added) this.#inputs.add(model);
  }

  /** Adds a logged model that the run has made. Errors: `ServerError`. */
  async addOutput(model: string): Promise<void> {
    await this.#ask();
    if (this.#outputs.has(model)) return;
    this.#uncertain = true; // what is sent twice stands there twice
    await this.client.send('runs/outputs', { run_id: this.id, models: [{ model_id: model, step: 0 }] });
    this.#uncertain = false;
    this.#outputs.add(model);
  }

  async setStatus(status: RunStatus | 'RUNNING', time: number): Promise<void> {
    if (this.#status === status) return;
    await this.client.send('runs/update', {
      run_id: this.id,
      status,
      ...(status !== 'RUNNING' && { end_time: time }),
    });
    this.#status = status;
  }

  /** Whether the server takes files for it. */
  get storesArtifacts(): boolean {
    return this.artifactRoot.startsWith('mlflow-artifacts:');
  }

  #news({ metrics, params, tags }: LogBatch): LogBatch {
    const latest = new Map(tags.map((tag) => [tag.key, tag]));
    const first = new Map([...params].reverse().map((param) => [param.key, param]));
    const points = new Set<string>();
    return {
      params: [...first.values()].reverse().filter(({ key }) => !this.#params.has(key)),
      tags: [...latest.values()].filter(({ key, value }) => this.#tags.get(key) !== value),
      metrics: metrics.filter((metric) => {
        const point = JSON.stringify([metric.key, metric.step, metric.value]);
        if (this.has(metric) || points.has(point)) return false;
        points.add(point);
        return true;
      }),
    };
  }

  /** Asks the server what the run holds where that is not certain. */
  async #ask(): Promise<void> {
    if (!this.#uncertain) return;
    this.#learn((await this.client.get<{ run: RunDescription }>('runs/get', { run_id: this.id })).run);
    this.#uncertain = false;
  }

  #learn({ data = {}, inputs, outputs }: RunDescription): void {
    for (const { dataset } of inputs?.dataset_inputs ?? []) this.#inputs.add(inputKey(dataset));
    for (const { model_id } of inputs?.model_inputs ?? []) this.#inputs.add(model_id);
    for (const { model_id } of outputs?.model_outputs ?? []) this.#outputs.add(model_id);
    const metrics = (data.metrics ?? []).map((metric) => ({
      ...metric,
      step: Number(metric.step),
      value: Number(metric.value),
    }));
    this.#remember({ metrics, params: [...(data.params ?? [])], tags: [...(data.tags ?? [])] });
  }

  #remember({ metrics, params, tags }: LogBatch): void {
    for (const { key, step, value } of metrics) {
      const last = this.#metrics.get(key);
      if (!last || step >= last.step) this.#metrics.set(key, { step, value });
    }
    for (const { key, value } of params) this.#params.set(key, value);
    for (const { key, value } of tags) this.#tags.set(key, value);
  }
}
