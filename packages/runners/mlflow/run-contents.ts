import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isSystemMetric, type JournalRecord, type JournalSource } from '@dualprior/core';
import { toDatasetInput } from './dataset-input.ts';
import { isFileRecord, type FileRecord } from './delivery-state.ts';
import type { LoggedModel, LoggedModels, ModelsOption } from './logged-models.ts';
import { toLogBatch } from './record-batch.ts';
import { aboutTheRun, ServerError } from './server-error.ts';
import type { ServerRun } from './server-run.ts';

export interface ContentsOptions {
  /** Name of the run at the root. */
  readonly run: string;
  /** What becomes of trained networks. Default `reference`. */
  readonly models?: ModelsOption;
  /** Whether to show what the machine was busy with. Default true. */
  readonly systemMetrics?: boolean;
  /** Id of the sweep that the run is part of. */
  readonly sweep?: string | undefined;
}

const NAME_TAG = 'mlflow.runName';
const NO_MODELS =
  'Trained networks are not shown as models: the server has no logged models, which came with MLflow 3.';
const NO_INPUTS = 'Data sets are not shown: the server does not know `runs/log-inputs`, which came with MLflow 2.4.';

/** What the runs of a run directory hold, as it is sent to the server: parameters, tags, metrics, data sets, models. What is there is not sent again. */
export class RunContents {
  readonly #wanted: ModelsOption;
  /** The name and digest of the test images of each run, by its path. */
  readonly #testData = new Map<string, { readonly dataset_name: string; readonly dataset_digest: string }>();

  constructor(
    private readonly models: LoggedModels,
    /** The id of the run directory. */
    private readonly id: string,
    private readonly options: ContentsOptions,
    /** Gets what arrived otherwise than written, in sentences. */
    private readonly notes: Set<string>,
  ) {
    this.#wanted = options.models ?? 'reference';
  }

  /** The logged model of a trained one, if the server has it. */
  async model(trained: string): Promise<LoggedModel | undefined> {
    if (this.#wanted === 'none') return undefined;
    const { sweep } = this.options;
    return this.models.find(trained, [this.id, ...(sweep === undefined ? [] : [sweep])]);
  }

  /** Its files are there. */
  async finalize(trained: string): Promise<void> {
    const model = await this.model(trained);
    if (model) await this.models.finalize(model);
  }

  /** Whether metrics are of trained models that the server does not have. Errors: `ServerError`. */
  async lacksModels(records: readonly JournalRecord[]): Promise<boolean> {
    if (this.#wanted === 'none') return false;
    for (const id of modelsIn(records)) if (!(await this.model(id)) && !this.models.unsupported) return true;
    return false;
  }

  /** Whether a record names a file that the server is to have. */
  isOwed(record: JournalRecord): record is FileRecord {
    if (!isFileRecord(record)) return false;
    return record.event !== 'model' || (this.#wanted === 'files' && !this.models.unsupported);
  }

  /**
   * Delivers what records say of a run that the server has. Errors: `ServerError`.
   * @param path of the run in the tree of runs
   */
  async deliver(
    source: JournalSource,
    path: readonly string[],
    run: ServerRun,
    records: readonly JournalRecord[],
  ): Promise<void> {
    await this.#deliverData(path, run, records);
    const models = new Map<string, string>();
    for (const id of modelsIn(records)) {
      const model = await this.model(id);
      if (model) models.set(id, model.id);
    }
    await run.addModelInputs(models.values());
    const aboutModel = (id: string) => {
      const model_id = models.get(id);
      return model_id === undefined ? {} : { model_id, ...this.#testData.get(path.join('/')) };
    };
    const { systemMetrics = true } = this.options;
    const batch = toLogBatch(records, { systemMetrics, aboutModel });
    const images = run.storesArtifacts && records.some(({ event }) => event === 'image');
    if (images) batch.tags.push({ key: 'mlflow.loggedImages', value: 'true' });
    for (const { key, value } of batch.params) {
      const known = run.param(key);
      if (known !== undefined && known !== value) {
        this.notes.add(`Parameter ${key} is now ${value}; MLflow keeps what it was given first, ${known}.`);
      }
    }
    const start = records.find((record) => record.event === 'start');
    // A run that was there before the sweep that it is part of now.
    if (this.options.sweep !== undefined && path.length === 0 && start && run.tag(NAME_TAG) === this.options.run) {
      batch.tags.push({ key: NAME_TAG, value: start.name });
    }
    for (const refusal of await run.log(batch)) this.notes.add(refusal);
    await this.#deliverModels(source, run, records);
    const last = records.findLast(
      (record) =>
        record.event === 'end' || record.event === 'start' || (record.event === 'metric' && !isSystemMetric(record)),
    );
    if (last) await run.setStatus(last.event === 'end' ? last.status : 'RUNNING', last.time);
  }

  async #deliverData(path: readonly string[], run: ServerRun, records: readonly JournalRecord[]): Promise<void> {
    const uses = records.filter((record) => record.event === 'dataset');
    const test = uses.find(({ role }) => role === 'test');
    if (test) {
      const { name: dataset_name, digest: dataset_digest } = toDatasetInput(test).dataset;
      this.#testData.set(path.join('/'), { dataset_name, dataset_digest });
    }
    try {
      await run.addInputs(uses);
    } catch (error) {
      if (!(error instanceof ServerError) || aboutTheRun(error)) throw error;
      if (error.isUnknownCall) this.notes.add(NO_INPUTS);
      else if (error.kind === 'refused') this.notes.add(`Data sets were not accepted: ${error.message}`);
      else throw error;
    }
  }

  async #deliverModels(source: JournalSource, run: ServerRun, records: readonly JournalRecord[]): Promise<void> {
    if (this.#wanted === 'none') return;
    for (const record of records) {
      if (record.event !== 'model') continue;
      const folder = await realpath(dirname(source.file));
      const location = resolve(folder, record.file);
      const origin = { name: source.name ?? record.name, owner: this.id, location };
      try {
        const model = await this.models.ensure(record, run, origin);
        if (!model) this.notes.add(NO_MODELS);
        else if (this.#wanted === 'reference' || !run.storesArtifacts) await this.models.finalize(model);
      } catch (error) {
        if (!(error instanceof ServerError) || error.kind !== 'refused' || aboutTheRun(error)) throw error;
        this.notes.add(`The model ${record.name} was not accepted: ${error.message}`);
      }
    }
  }
}

/** The trained models that metrics are of. */
function modelsIn(records: readonly JournalRecord[]): ReadonlySet<string> {
  return new Set(records.flatMap((record) => (record.event === 'metric' ? (record.model ?? []) : [])));
}
