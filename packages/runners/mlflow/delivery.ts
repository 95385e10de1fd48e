import { JOURNAL_START, readJournal, type JournalChunk, type JournalRecord, type JournalSource } from '@dualprior/core';
import type { MlflowClient } from './rest-client.ts';
import type { DeliveryState, FileRecord } from './delivery-state.ts';
import { experimentId } from './experiment.ts';
import { inTurn } from './in-turn.ts';
import { LoggedModels } from './logged-models.ts';
import { toLogBatch } from './record-batch.ts';
import { RunContents, type ContentsOptions } from './run-contents.ts';
import { RunTree } from './run-tree.ts';
import { aboutTheRun, ServerError } from './server-error.ts';
import type { ServerRun } from './server-run.ts';

/** Bytes of a journal that are delivered together: what is remembered as delivered, after a kill, is whole chunks. */
const CHUNK = 64 * 1024;

export interface DeliveryOptions extends ContentsOptions {
  /** Name of the MLflow experiment. */
  readonly experiment: string;
  /** Whether it is a sweep, to which other runs belong. Default false. */
  readonly isSweep?: boolean;
}

/** A chunk on its way, kept until all of it has arrived. */
interface Parcel {
  readonly chunk: JournalChunk;
  readonly done: Set<JournalRecord>;
}

/**
 * Delivers the journals of one run directory to one server, but for the files that they name: these are noted as owed (see `FileDelivery`), so
 * that nothing waits for them. Every method may be called again after a failure and continues where it stopped; what arrived is not sent twice
 * (see `ServerRun`).
 */
export class ValueDelivery {
  /** What arrived otherwise than written, in sentences. */
  readonly notes = new Set<string>();
  readonly #sources = new Map<string, JournalSource>();
  readonly #parcels = new Map<string, Parcel>();
  #tree: RunTree | undefined;
  /** What runs hold, as far as it is values. */
  #contents: RunContents | undefined;

  constructor(
    private readonly client: MlflowClient,
    private readonly state: DeliveryState,
    private readonly options: DeliveryOptions,
  ) {
    state.wantModels(options.models ?? 'reference');
  }

  add(source: JournalSource): void {
    this.#sources.set(key(source), source);
  }

  /** The journal at this place in the tree of runs. */
  source(name: string): JournalSource | undefined {
    return this.#sources.get(name);
  }

  /** The run that a record belongs to, if the server has it. */
  run(source: JournalSource, record: JournalRecord): ServerRun | undefined {
    return this.#tree?.find([...source.at, ...record.run]);
  }

  /**
   * Finds or makes the experiment and asks what the server has; false if that was done before. Errors: `ServerError`.
   */
  async attach(): Promise<boolean> {
    if (this.#tree) return false;
    const { experiment, run: name, sweep } = this.options;
    const id = await experimentId(this.client, experiment);
    this.state.turnTo(this.client.uri, experiment, id);
    const tree = await RunTree.load(this.client, id, { id: this.state.id, name, sweep });
    if (tree.size === 0) this.state.forget();
    else if (tree.parent) this.state.runId = tree.parent.id;
    this.#tree = tree;
    this.#contents = new RunContents(new LoggedModels(this.client, id), this.state.id, this.options, this.notes);
    return true;
  }

  get attached(): boolean {
    return this.#tree !== undefined;
  }

  /** Errors: it is not attached. */
  get contents(): RunContents {
    if (!this.#contents) throw new Error('deliver before attach');
    return this.#contents;
  }

  /** Delivers a chunk of each journal. False if there was nothing to deliver. Errors: `ServerError`, file system. */
  async step(): Promise<boolean> {
    await this.attach();
    let delivered = false;
    try {
      await this.#begin();
      // The run's own journal comes last: what it says of trained models is of those of its stages.
      const stagesFirst = [...this.#sources.values()].sort((a, b) => b.at.length - a.at.length);
      await inTurn(stagesFirst, async (source) => {
        delivered = (await this.#deliverChunk(source, delivered)) || delivered;
      });
    } catch (error) {
      if (error instanceof ServerError && aboutTheRun(error)) this.#startAnew();
      throw error;
    }
    return delivered;
  }

  /** Records that have not arrived, those of files among them. */
  async missing(): Promise<number> {
    let count = this.state.files.length;
    for (const [name, source] of this.#sources) {
      const parcel = this.#parcels.get(name);
      if (parcel) count -= [...parcel.done].filter((record) => !this.contents.isOwed(record)).length;
      for (let position = this.state.position(name); ;) {
        const chunk = await readJournal(source.file, position);
        if (chunk.records.length + chunk.damaged === 0) break;
        count += chunk.records.length;
        position = chunk.position;
      }
    }
    return Math.max(0, count);
  }

  /** Makes the runs of a sweep its children that the server had before it. */
  async adopt(): Promise<void> {
    if (this.options.isSweep) await this.#tree?.adopt();
  }

  /** Ends runs that nobody ended: their process was killed. */
  async endAbandoned(time: number): Promise<void> {
    for (const run of this.#tree ?? []) if (run.running) await run.setStatus('KILLED', time);
  }

  /** The runs were deleted on the server: look again at the next step, and deliver all to new ones. */
  #startAnew(): void {
    this.#tree = undefined;
    this.#parcels.clear();
    this.state.forget();
  }

  /** @param busy whether other journals have just had something to deliver, so that models may still come */
  async #deliverChunk(source: JournalSource, busy: boolean): Promise<boolean> {
    const name = key(source);
    let parcel = this.#parcels.get(name);
    if (!parcel) {
      const chunk = await readJournal(source.file, this.state.position(name), CHUNK);
      if (chunk.damaged > 0) this.notes.add(`${source.file}: ${chunk.damaged} damaged lines were skipped.`);
      if (chunk.records.length + chunk.damaged === 0) return false;
      parcel = { chunk, done: new Set() };
      this.#parcels.set(name, parcel);
    }
    const { chunk, done } = parcel;
    if (busy && (await this.contents.lacksModels(chunk.records))) return false;
    const files: FileRecord[] = [];
    await inTurn(byRun(source, chunk.records), async ([path, records]) => {
      files.push(...(await this.#deliverRun(source, path, records, done)));
    });
    this.state.advance(name, chunk.position, files);
    this.#parcels.delete(name);
    return true;
  }

  /** Makes the run at the root, called as its own journal says, and begun then: its stages may be older, and have some of its tags. */
  async #begin(): Promise<void> {
    const own = this.#sources.get(key({ at: [] }));
    if (!own || this.#runs.parent) return;
    const chunk = await readJournal(own.file, JOURNAL_START, CHUNK);
    const records = chunk.records.filter(({ run }) => run.length === 0);
    const start = records.find(({ event }) => event === 'start');
    if (!start) return;
    const run = await this.#run([], [start], start.time);
    const tags = records.filter(({ event }) => event === 'tag');
    await run.log(toLogBatch(tags, { systemMetrics: false, aboutModel: () => ({}) }));
  }

  /** Returns the files that are owed now. */
  async #deliverRun(
    source: JournalSource,
    path: readonly string[],
    all: readonly JournalRecord[],
    done: Set<JournalRecord>,
  ): Promise<FileRecord[]> {
    const records = all.filter((record) => !done.has(record));
    const [first] = records;
    if (first) await this.contents.deliver(source, path, await this.#run(path, records, first.time), records);
    for (const record of records) done.add(record);
    const files = all.filter((record) => this.contents.isOwed(record));
    const run = this.#tree?.find(path);
    if (files.length === 0 || run?.storesArtifacts !== false) return files;
    this.notes.add(
      `Artifacts and images stay in the run directory: the server keeps them at ${run.artifactRoot}, which cannot be written through it ` +
        '(an mlflow server with --serve-artifacts takes them).',
    );
    return [];
  }

  async #run(path: readonly string[], records: readonly JournalRecord[], time: number) {
    const start = records.find((record) => record.event === 'start');
    const given = this.#sources.get(key({ at: path }))?.name;
    const name = given ?? start?.name ?? path.at(-1) ?? this.options.run;
    const run = await this.#runs.ensure(path, { name, time: start?.time ?? time });
    const parent = this.#runs.parent;
    if (parent) this.state.runId = parent.id;
    return run;
  }

  get #runs(): RunTree {
    if (!this.#tree) throw new Error('deliver before attach');
    return this.#tree;
  }
}

function key({ at }: Pick<JournalSource, 'at'>): string {
  return `/${at.join('/')}`;
}

/** The records of each run, in the order in which the runs appear. */
function byRun(source: JournalSource, records: readonly JournalRecord[]): [path: string[], records: JournalRecord[]][] {
  const runs = new Map<string, [string[], JournalRecord[]]>();
  for (const record of records) {
    const path = [...source.at, ...record.run];
    const name = JSON.stringify(path);
    const run = runs.get(name) ?? [path, []];
    run[1].push(record);
    runs.set(name, run);
  }
  return [...runs.values()];
}
