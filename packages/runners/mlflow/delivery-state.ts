import { randomUUID } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord, JOURNAL_START, UserError, type JournalPosition, type JournalRecord } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import type { ModelsOption } from './logged-models.ts';

export type FileRecord = JournalRecord & { event: 'artifact' | 'image' | 'model' };

/** Whether a record names a file that may be owed. */
export function isFileRecord(record: JournalRecord): record is FileRecord {
  return record.event === 'artifact' || record.event === 'image' || record.event === 'model';
}

/** A file that a journal names and the server does not have yet. */
export interface OwedFile {
  /** The journal, by its place in the tree of runs. */
  readonly source: string;
  readonly record: FileRecord;
}

interface Stored {
  /** Marks the runs of this run directory on any server (tag `dualprior.run`). */
  id: string;
  /** The server that the rest is about. */
  uri: string | null;
  experiment: string | null;
  experimentId: string | null;
  runId: string | null;
  /** What trained models were delivered as. */
  models: ModelsOption | null;
  /** How far each journal was delivered, by its place in the tree of runs, but for files. */
  delivered: Record<string, JournalPosition>;
  /** Files of the journals up to there that have not arrived. */
  files: OwedFile[];
}

/**
 * How far a run directory was delivered to which server: `RUN/mlflow.json`, replaced as a whole.
 * Of the values only its `id` matters much, by which the runs are found again on the server: what they have, the server is asked.
 */
export class DeliveryState {
  readonly #file: string;
  #stored: Stored;

  /** Errors: `UserError` where `mlflow.json` is a link, through which another file would be replaced. */
  constructor(directory: string) {
    this.#file = join(directory, 'mlflow.json');
    if (lstatSync(this.#file, { throwIfNoEntry: false })?.isFile() === false) {
      throw new UserError(`${this.#file} is not a file of its own; remove it.`);
    }
    this.#stored = read(this.#file);
  }

  /** The id of another run directory, if it was ever meant to be delivered. */
  static idOf(directory: string): string | undefined {
    const file = join(directory, 'mlflow.json');
    return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? read(file).id : undefined;
  }

  get id(): string {
    return this.#stored.id;
  }

  get last(): { uri: string | null; experiment: string | null; experimentId: string | null; runId: string | null } {
    const { uri, experiment, experimentId, runId } = this.#stored;
    return { uri, experiment, experimentId, runId };
  }

  /** Remembers where the run is meant to go while no server was found, for a push. */
  intend(experiment: string): void {
    if (this.#stored.uri !== null || this.#stored.experiment === experiment) return;
    this.#stored.experiment = experiment;
    this.#save();
  }

  /** Turns to a server and an experiment there; another one than the last has nothing delivered yet. */
  turnTo(uri: string, experiment: string, experimentId: string): void {
    const { last } = this;
    if (last.uri === uri && last.experiment === experiment && last.experimentId === experimentId) return;
    this.#stored = { ...blank(), id: this.id, uri, experiment, experimentId };
    this.#save();
  }

  set runId(runId: string) {
    if (this.#stored.runId === runId) return;
    this.#stored.runId = runId;
    this.#save();
  }

  position(source: string): JournalPosition {
    return this.#stored.delivered[source] ?? JOURNAL_START;
  }

  /** All values up to there have arrived; these files, which stand before it, are still owed. */
  advance(source: string, position: JournalPosition, files: readonly FileRecord[]): void {
    this.#stored.delivered[source] = position;
    const owed = new Map(this.#stored.files.map((file) => [slot(file), file]));
    for (const record of files) {
      const file = { source, record };
      owed.delete(slot(file));
      owed.set(slot(file), file);
    }
    this.#stored.files = [...owed.values()];
    this.#save();
  }

  /** In the order in which they are to be tried. */
  get files(): readonly OwedFile[] {
    return this.#stored.files;
  }

  /** The file has arrived, or never will. */
  settle(file: OwedFile): void {
    this.#stored.files = this.#stored.files.filter((each) => each !== file);
    this.#save();
  }

  /** Others are tried before this file the next time. */
  postpone(file: OwedFile): void {
    if (!this.#stored.files.includes(file)) return;
    this.#stored.files = [...this.#stored.files.filter((each) => each !== file), file];
    this.#save();
  }

  /** Has trained models delivered in another way than before: all is looked at again, and what has arrived otherwise is not sent again. */
  wantModels(wanted: ModelsOption): void {
    const before = this.#stored.models;
    if (before === wanted) return;
    this.#stored.models = wanted;
    if (before !== null && wanted !== 'none') this.#stored.delivered = {};
    this.#save();
  }

  /** Nothing is delivered (any more): the server lost it. */
  forget(): void {
    this.#stored.delivered = {};
    this.#stored.files = [];
    this.#stored.runId = null;
    this.#save();
  }

  #save(): void {
    // No fsync: it would hold up training, and what a power cut takes is found out from the server.
    writeFileAtomic.sync(this.#file, `${JSON.stringify(this.#stored, null, 2)}\n`, { fsync: false });
  }
}

/** What a file is to MLflow: a later one in the same place replaces an earlier one. */
function slot({ source, record }: OwedFile): string {
  const place =
    record.event === 'artifact' ? [record.path] : record.event === 'model' ? [record.id] : [record.key, record.step];
  return JSON.stringify([source, record.run, record.event, ...place]);
}

function blank(): Stored {
  return {
    id: randomUUID(),
    uri: null,
    experiment: null,
    experimentId: null,
    runId: null,
    models: null,
    delivered: {},
    files: [],
  };
}

/** What is there of it and is valid: a run directory may come from others. */
function read(file: string): Stored {
  const stored = blank();
  let value: Record<string, unknown>;
  try {
    value = Object(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return stored;
  }
  for (const key of ['uri', 'experiment', 'experimentId', 'runId'] as const) {
    if (typeof value[key] === 'string') stored[key] = value[key];
  }
  const { id, models, delivered, files } = value;
  if (models === 'files' || models === 'reference' || models === 'none') stored.models = models;
  if (typeof id === 'string' && /^[\da-f-]{36}$/i.test(id)) stored.id = id;
  stored.delivered = Object.fromEntries(Object.entries(Object(delivered)).filter(isPosition));
  if (Array.isArray(files)) stored.files = files.filter(isOwed);
  return stored;
}

function isPosition(entry: [string, unknown]): entry is [string, JournalPosition] {
  const { offset, check } = Object(entry[1]) as Record<string, unknown>;
  return Number.isSafeInteger(offset) && Number(offset) >= 0 && typeof check === 'string';
}

function isOwed(value: unknown): value is OwedFile {
  const { source, record } = Object(value) as Record<string, unknown>;
  return typeof source === 'string' && isRecord(record) && isFileRecord(record);
}
