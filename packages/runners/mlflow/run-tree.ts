import { emptyBatch, type KeyValue } from './batches.ts';
import type { MlflowClient } from './rest-client.ts';
import { ServerError } from './server-error.ts';
import { ServerRun, type RunDescription } from './server-run.ts';

const RUN_TAG = 'dualprior.run';
const PATH_TAG = 'dualprior.path';
const SWEEP_TAG = 'dualprior.sweep';
const PARENT_TAG = 'mlflow.parentRunId';
/** Shown for every run of the tree, so handed on from the parent to its children. */
const INHERITED_TAGS = [
  'mlflow.user',
  'mlflow.source.type',
  'mlflow.source.name',
  'mlflow.source.git.commit',
  'mlflow.source.git.dirty',
];

/** What a run directory is to MLflow. */
interface TreeOptions {
  /** The id of the run directory: tag `dualprior.run`. */
  readonly id: string;
  /** The name of the run at the root. */
  readonly name: string;
  /** The id of the sweep that the run is part of. */
  readonly sweep?: string | undefined;
}

interface NewRun {
  readonly name: string;
  /** ms since 1970. */
  readonly time: number;
}

/**
 * The MLflow runs of one run directory: a parent for the experiment's run, a child for each stage and method.
 * They carry the run directory's id and their path as tags, by which they are found again whatever was lost.
 */
export class RunTree {
  readonly #runs = new Map<string, ServerRun>();
  /** An answer was lost: whether a run was made, the server must be asked. */
  #uncertain = false;
  /** What the run at the root has where it is part of a sweep. */
  #rootTags: readonly KeyValue[] = [];

  private constructor(
    private readonly client: MlflowClient,
    private readonly experimentId: string,
    private readonly options: TreeOptions,
  ) {}

  /** Asks the server what it has of this run directory, and of the sweep that it is part of. */
  static async load(client: MlflowClient, experimentId: string, options: TreeOptions): Promise<RunTree> {
    const tree = new RunTree(client, experimentId, options);
    await tree.#search();
    await tree.#joinSweep();
    return tree;
  }

  /** The run at the root, if the server has it. */
  get parent(): ServerRun | undefined {
    return this.#runs.get('/');
  }

  find(path: readonly string[]): ServerRun | undefined {
    return this.#runs.get(pathTag(path));
  }

  get size(): number {
    return this.#runs.size;
  }

  [Symbol.iterator](): IterableIterator<ServerRun> {
    return this.#runs.values();
  }

  /** The run at a path; made, its parent first, if the server does not have it. */
  async ensure(path: readonly string[], { name, time }: NewRun): Promise<ServerRun> {
    if (this.#uncertain) await this.#search();
    const known = this.find(path);
    if (known) return known;
    const tags = [
      { key: RUN_TAG, value: this.options.id },
      { key: PATH_TAG, value: pathTag(path) },
    ];
    if (path.length === 0) tags.push({ key: 'mlflow.source.type', value: 'LOCAL' }, ...this.#rootTags);
    else {
      const parent = await this.ensure([], { name: this.options.name, time });
      tags.push({ key: PARENT_TAG, value: parent.id });
      for (const key of INHERITED_TAGS) {
        const value = parent.tag(key);
        if (value !== undefined) tags.push({ key, value });
      }
    }
    const run = await this.#create(name, time, tags);
    this.#runs.set(pathTag(path), run);
    return run;
  }

  async #create(name: string, time: number, tags: readonly KeyValue[]): Promise<ServerRun> {
    this.#uncertain = true;
    const { run } = await this.client.post<{ run?: RunDescription }>('runs/create', {
      experiment_id: this.experimentId,
      run_name: name,
      start_time: time,
      tags,
    });
    if (!run) throw new ServerError('wrong-address', `${this.client.uri} does not answer as an MLflow server does`);
    this.#uncertain = false;
    return new ServerRun(this.client, { ...run, data: { ...run.data, tags: [...(run.data?.tags ?? []), ...tags] } });
  }

  /** Makes the runs of a sweep children of this one, which is its own: those that were there before it. */
  async adopt(): Promise<void> {
    const { parent } = this;
    if (!parent) return;
    const tags = [{ key: PARENT_TAG, value: parent.id }];
    for (const run of await this.#tagged(SWEEP_TAG, this.options.id)) await run.log({ ...emptyBatch(), tags });
  }

  /** Adds the runs on the server that are not known yet. */
  async #search(): Promise<void> {
    for (const run of await this.#tagged(RUN_TAG, this.options.id)) {
      const path = run.tag(PATH_TAG);
      if (path !== undefined && !this.#runs.has(path)) this.#runs.set(path, run);
    }
    this.#uncertain = false;
  }

  /** Where the server does not have the sweep yet, that adopts the run later. */
  async #joinSweep(): Promise<void> {
    const { sweep } = this.options;
    if (sweep === undefined) return;
    const parent = (await this.#tagged(RUN_TAG, sweep)).find((run) => run.tag(PATH_TAG) === pathTag([]));
    this.#rootTags = [{ key: SWEEP_TAG, value: sweep }, ...(parent ? [{ key: PARENT_TAG, value: parent.id }] : [])];
    await this.parent?.log({ ...emptyBatch(), tags: [...this.#rootTags] });
  }

  async #tagged(tag: string, value: string): Promise<ServerRun[]> {
    const found: ServerRun[] = [];
    for (let token = ''; ;) {
      const page = await this.client.ask<{ runs?: RunDescription[]; next_page_token?: string }>('runs/search', {
        experiment_ids: [this.experimentId],
        filter: `tags.\`${tag}\` = '${value}'`,
        run_view_type: 'ACTIVE_ONLY',
        max_results: 1000,
        ...(token && { page_token: token }),
      });
      found.push(...(page.runs ?? []).map((description) => new ServerRun(this.client, description)));
      if (!page.next_page_token) return found;
      token = page.next_page_token;
    }
  }
}

function pathTag(path: readonly string[]): string {
  return `/${path.join('/')}`;
}
