import { readJournal, type JournalChunk, type JournalRecord, type JournalSource } from '@dualprior/core';
import type { MlflowClient } from './client.ts';
import type { DeliveryState, FileRecord } from './delivery-state.ts';
import { experimentId } from './experiment.ts';
import { inTurn } from './in-turn.ts';
import { toLogBatch } from './record-batch.ts';
import { RunTree } from './run-tree.ts';
import { ServerError } from './server-error.ts';
import { aboutTheRun, type ServerRun } from './server-run.ts';

/** Bytes of a journal that are delivered together: what is remembered as delivered, after a kill, is whole chunks. */
const CHUNK = 64 * 1024;

/** A chunk on its way, kept until all of it has arrived. */
interface Parcel {
  readonly chunk: JournalChunk;
  readonly done: Set<JournalRecord>;
}

/**
 * Delivers the journals of one run directory to one server, but for the files that they name: these are noted as owed (see `FileDelivery`), so
 * that nothing waits for them. Every method may be called again after a failure and goes on where it stopped; what arrived is not sent twice
 * (see `ServerRun`).
 */
export class ValueDelivery {
  /** What arrived otherwise than written, in sentences for people. */
  readonly notes = new Set<string>();
  readonly #sources = new Map<string, JournalSource>();
  readonly #parcels = new Map<string, Parcel>();
  #tree: RunTree | undefined;

  constructor(
    private readonly client: MlflowClient,
    private readonly state: DeliveryState,
    /** Names of the MLflow experiment and of the parent run. */
    private readonly names: { readonly experiment: string; readonly run: string },
  ) {}

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
    const id = await experimentId(this.client, this.names.experiment);
    this.state.turnTo(this.client.uri, this.names.experiment, id);
    const tree = await RunTree.load(this.client, id, this.state.id, this.names.run);
    if (tree.size === 0) this.state.forget();
    else if (tree.parent) this.state.runId = tree.parent.id;
    this.#tree = tree;
    return true;
  }

  get attached(): boolean {
    return this.#tree !== undefined;
  }

  /** Delivers a chunk of each journal. False if there was nothing to deliver. Errors: `ServerError`, file system. */
  async step(): Promise<boolean> {
    await this.attach();
    let delivered = false;
    try {
      await inTurn(this.#sources.values(), async (source) => {
        delivered = (await this.#deliverChunk(source)) || delivered;
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
      if (parcel) count -= [...parcel.done].filter((record) => !isFile(record)).length;
      for (let position = this.state.position(name); ;) {
        const chunk = await readJournal(source.file, position);
        if (chunk.records.length + chunk.damaged === 0) break;
        count += chunk.records.length;
        position = chunk.position;
      }
    }
    return Math.max(0, count);
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

  async #deliverChunk(source: JournalSource): Promise<boolean> {
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
    const files: FileRecord[] = [];
    await inTurn(byRun(source, chunk.records), async ([path, records]) => {
      files.push(...(await this.#deliverRun(source, path, records, done)));
    });
    this.state.advance(name, chunk.position, files);
    this.#parcels.delete(name);
    return true;
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
    if (first) await this.#deliverValues(await this.#run(source, path, records, first.time), records);
    for (const record of records) done.add(record);
    const files = all.filter(isFile);
    const run = this.#tree?.find(path);
    if (files.length === 0 || run?.storesArtifacts !== false) return files;
    this.notes.add(
      `Artifacts and images stay in the run directory: the server keeps them at ${run.artifactRoot}, which cannot be written through it ` +
        '(an mlflow server with --serve-artifacts takes them).',
    );
    return [];
  }

  async #run(source: JournalSource, path: readonly string[], records: readonly JournalRecord[], time: number) {
    const start = records.find((record) => record.event === 'start');
    const given = path.length === source.at.length ? source.name : undefined;
    const name = given ?? start?.name ?? path.at(-1) ?? this.names.run;
    const run = await this.#runs.ensure(path, { name, time: start?.time ?? time });
    const parent = this.#runs.parent;
    if (parent) this.state.runId = parent.id;
    return run;
  }

  async #deliverValues(run: ServerRun, records: readonly JournalRecord[]): Promise<void> {
    const batch = toLogBatch(records);
    const images = run.storesArtifacts && records.some(({ event }) => event === 'image');
    if (images) batch.tags.push({ key: 'mlflow.loggedImages', value: 'true' });
    for (const { key, value } of batch.params) {
      const known = run.param(key);
      if (known !== undefined && known !== value) {
        this.notes.add(`Parameter ${key} is now ${value}; MLflow keeps what it was given first, ${known}.`);
      }
    }
    for (const refusal of await run.log(batch)) this.notes.add(refusal);
    const last = records.findLast(
      (record) => record.event === 'end' || record.event === 'start' || record.event === 'metric',
    );
    if (last) await run.setStatus(last.event === 'end' ? last.status : 'RUNNING', last.time);
  }

  get #runs(): RunTree {
    if (!this.#tree) throw new Error('deliver before attach');
    return this.#tree;
  }
}

function isFile(record: JournalRecord): record is FileRecord {
  return record.event === 'artifact' || record.event === 'image';
}

function key({ at }: JournalSource): string {
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
