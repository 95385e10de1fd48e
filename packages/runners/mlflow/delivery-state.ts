import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOURNAL_START, type JournalPosition } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';

interface Stored {
  /** Marks the runs of this run directory on any server (tag `dualprior.run`). */
  id: string;
  /** The server that the rest is about. */
  uri: string | null;
  experiment: string | null;
  experimentId: string | null;
  runId: string | null;
  /** How far each journal was delivered, by its place in the tree of runs. */
  delivered: Record<string, JournalPosition>;
}

/**
 * How far a run directory was delivered to which server: `RUN/mlflow.json`, replaced as a whole.
 * Only its `id` matters much, by which the runs are found again on the server: what they have, the server is asked.
 */
export class DeliveryState {
  readonly #file: string;
  #stored: Stored;

  constructor(directory: string) {
    this.#file = join(directory, 'mlflow.json');
    this.#stored = { ...blank(), ...read(this.#file) };
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

  advance(source: string, position: JournalPosition): void {
    this.#stored.delivered[source] = position;
    this.#save();
  }

  /** Nothing is delivered (any more): the server lost it. */
  forget(): void {
    this.#stored.delivered = {};
    this.#stored.runId = null;
    this.#save();
  }

  #save(): void {
    // No fsync: it would hold up training, and what a power cut takes is found out from the server.
    writeFileAtomic.sync(this.#file, `${JSON.stringify(this.#stored, null, 2)}\n`, { fsync: false });
  }
}

function blank(): Stored {
  return { id: randomUUID(), uri: null, experiment: null, experimentId: null, runId: null, delivered: {} };
}

function read(file: string): Partial<Stored> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Stored>;
  } catch {
    return {};
  }
}
