import type { TrainedModel } from '@dualprior/core';
import type { KeyValue } from './batches.ts';
import type { MlflowClient } from './rest-client.ts';
import { ServerError } from './server-error.ts';
import type { ServerRun } from './server-run.ts';

/** What becomes of trained networks: logged models with their files, logged models that say where their files are, or none. */
export type ModelsOption = 'files' | 'reference' | 'none';

/** A logged model as MLflow describes it. */
interface ModelDescription {
  readonly info: {
    readonly model_id: string;
    readonly artifact_uri: string;
    readonly status?: string;
    readonly source_run_id?: string;
    readonly tags?: readonly KeyValue[];
  };
}

export interface LoggedModel {
  readonly id: string;
  readonly artifactRoot: string;
  ready: boolean;
}

/** Where a trained model comes from. */
interface ModelOrigin {
  readonly name: string;
  /** Id of the run directory that it is logged from. */
  readonly owner: string;
  /** Absolute path of its file. */
  readonly location: string;
}

/** The identity of what was trained, by which a logged model is found again. */
const MODEL_TAG = 'dualprior.model';
/** The run directory that it was logged from. */
const RUN_TAG = 'dualprior.run';

/** The logged models of an experiment on the server. Servers before MLflow 3 have none: then nothing is found and nothing made. */
export class LoggedModels {
  /** True once the server was found to have no logged models. */
  unsupported = false;
  readonly #known = new Map<string, LoggedModel>();

  constructor(
    private readonly client: MlflowClient,
    private readonly experimentId: string,
  ) {}

  /**
   * The logged model of a trained model, of the run directories with these ids if there is one, else of any. Errors: `ServerError`.
   * @param owners ids of run directories, the best first
   */
  async find(trained: string, owners: readonly string[]): Promise<LoggedModel | undefined> {
    const known = this.#known.get(trained);
    if (known) return known;
    const all = await this.#search(trained);
    const own = owners.flatMap((owner) => all.filter((model) => tagOf(model, RUN_TAG) === owner));
    const best = own[0] ?? all[0];
    return best && this.#remember(trained, best);
  }

  /** The logged model that a run has trained; made, as an output of the run, if there is none. Errors: `ServerError`. */
  async ensure(trained: TrainedModel, run: ServerRun, origin: ModelOrigin): Promise<LoggedModel | undefined> {
    const found = (await this.#search(trained.id)).find(({ info }) => info.source_run_id === run.id);
    if (this.unsupported) return undefined;
    const description = found ?? (await this.#create(trained, run, origin));
    const model = this.#remember(trained.id, description);
    await run.addOutput(model.id);
    return model;
  }

  /** Its files are there. */
  async finalize(model: LoggedModel): Promise<void> {
    if (model.ready) return;
    await this.client.patch(`logged-models/${model.id}`, { model_id: model.id, status: 'LOGGED_MODEL_READY' });
    model.ready = true;
  }

  async #create(
    { id, chosen }: TrainedModel,
    run: ServerRun,
    { name, owner, location }: ModelOrigin,
  ): Promise<ModelDescription> {
    const tags = [
      { key: MODEL_TAG, value: id },
      { key: RUN_TAG, value: owner },
      { key: 'location', value: location },
      ...(chosen === '' ? [] : [{ key: 'chosen', value: chosen }]),
    ];
    const { model } = await this.client.post<{ model: ModelDescription }>('logged-models', {
      experiment_id: this.experimentId,
      name: modelName(name),
      source_run_id: run.id,
      params: run.params,
      tags,
    });
    return model;
  }

  async #search(trained: string): Promise<readonly ModelDescription[]> {
    if (this.unsupported) return [];
    try {
      const { models = [] } = await this.client.ask<{ models?: ModelDescription[] }>('logged-models/search', {
        experiment_ids: [this.experimentId],
        filter: `tags.\`${MODEL_TAG}\` = '${trained}'`,
        max_results: 50,
      });
      return models;
    } catch (error) {
      if (!(error instanceof ServerError) || !error.isUnknownCall) throw error;
      this.unsupported = true;
      return [];
    }
  }

  #remember(trained: string, { info }: ModelDescription): LoggedModel {
    const ready = info.status === 'LOGGED_MODEL_READY';
    const model = { id: info.model_id, artifactRoot: info.artifact_uri, ready };
    this.#known.set(trained, model);
    return model;
  }
}

function tagOf({ info }: ModelDescription, key: string): string | undefined {
  return info.tags?.find((tag) => tag.key === key)?.value;
}

/** A name that MLflow accepts for a logged model (`mlflow/utils/validation.py`). */
function modelName(name: string): string {
  return name.replaceAll(/[/:.%"']/g, '_').slice(0, 250) || 'model';
}
