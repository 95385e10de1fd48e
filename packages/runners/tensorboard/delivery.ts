import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemMetric, JOURNAL_START, readJournal, type JournalChunk, type JournalSource } from '@dualprior/core';
import { fileTrouble, readRunFile } from '../store/run-file.ts';
import type { DeliveryState, EventFile, Delivered } from './delivery-state.ts';
import { fileVersion, sessionStart } from './events/event.ts';
import { eventsOf } from './shown-record.ts';

/** Bytes of a journal that are delivered together. */
const CHUNK = 64 * 1024;

/**
 * Writes the journals of a run as event files: a folder for the run, one in it for each stage and method. What a kill leaves half written is written
 * again over itself. Where a journal was cut back, as training continued from a checkpoint, its event files begin again.
 */
export class EventDelivery {
  /** What was written otherwise than the journals say, in sentences. */
  readonly notes = new Set<string>();
  readonly #sources = new Map<string, JournalSource>();

  constructor(private readonly state: DeliveryState) {}

  add(source: JournalSource): void {
    this.#sources.set(key(source), source);
  }

  /** Delivers a chunk of each journal. False if there was nothing to deliver. Errors: those of the file system. */
  async step(): Promise<boolean> {
    let delivered = false;
    for (const [name, source] of this.#sources) delivered = (await this.#deliverChunk(name, source)) || delivered;
    return delivered;
  }

  /** Records that were not delivered. */
  async missing(): Promise<number> {
    let count = 0;
    for (const [name, source] of this.#sources) {
      for (let { position } = this.state.progress(name, folderOf(source)); ;) {
        const chunk = await readJournal(source.file, position);
        if (chunk.records.length + chunk.damaged === 0) break;
        count += chunk.records.length;
        position = chunk.position;
      }
    }
    return count;
  }

  async #deliverChunk(name: string, source: JournalSource): Promise<boolean> {
    let progress = this.state.progress(name, folderOf(source));
    let chunk = await readJournal(source.file, progress.position, CHUNK);
    if (progress.began === 0 || chunk.restarted || !(await this.#isWhole(progress))) {
      progress = this.#beginAnew(name, progress);
      chunk = await readJournal(source.file, progress.position, CHUNK);
    }
    if (chunk.damaged > 0) this.notes.add(`${source.file}: ${chunk.damaged} damaged lines were skipped.`);
    if (chunk.records.length + chunk.damaged === 0) return false;
    for (const [folder, events] of await this.#events(source, chunk, progress)) {
      await this.#append(progress, folder, Buffer.concat(events));
    }
    this.state.save(name, { ...progress, position: chunk.position });
    return true;
  }

  /** The events of a chunk by folder. */
  async #events(source: JournalSource, { records }: JournalChunk, progress: Delivered): Promise<Map<string, Buffer[]>> {
    const events = new Map<string, Buffer[]>();
    for (const record of records) {
      if (isSystemMetric(record)) continue; // what MLflow has a page for would fill TensorBoard's
      const folder = join(progress.folder, ...record.run.map(fileName));
      const file = (progress.files[folder] ??= { length: 0, pending: {}, shown: {} });
      const known = events.get(folder) ?? beginning(file, record.time);
      events.set(folder, known);
      try {
        known.push(...(await eventsOf(record, file, (name) => readRunFile(dirname(source.file), name))));
      } catch (error) {
        const what = record.event === 'image' || record.event === 'artifact' ? record.file : record.event;
        this.notes.add(`${what} is not shown: ${fileTrouble(error)}.`);
      }
    }
    return events;
  }

  /** Writes behind what counts of an event file; what stood there is of an interrupted delivery. */
  async #append(progress: Delivered, folder: string, events: Buffer): Promise<void> {
    const file = this.#path(progress, folder);
    const known = progress.files[folder]!;
    mkdirSync(dirname(file), { recursive: true });
    const handle = await open(file, known.length === 0 ? 'w' : 'r+');
    try {
      await handle.truncate(known.length);
      await handle.write(events, 0, events.length, known.length);
    } finally {
      await handle.close();
    }
    known.length += events.length;
  }

  /** Whether its event files are as they were left, or longer. */
  async #isWhole(progress: Delivered): Promise<boolean> {
    for (const [folder, { length }] of Object.entries(progress.files)) {
      const handle = await open(this.#path(progress, folder), 'r').catch(() => undefined);
      if (!handle) return false;
      const { size } = await handle.stat().finally(() => handle.close());
      if (size < length) return false;
    }
    return true;
  }

  /** Newer names, as a TensorBoard that is open reads the files in the order of their names. */
  #beginAnew(name: string, progress: Delivered): Delivered {
    const others = this.state.othersIn(progress.folder, name);
    const before = [progress, ...others.map((other) => this.state.progress(other, progress.folder))];
    for (const each of before) {
      for (const folder of Object.keys(each.files)) rmSync(this.#path(each, folder), { force: true });
    }
    others.forEach((other) => this.state.forget(other));
    const began = Math.max(Math.floor(Date.now() / 1000), ...before.map((each) => each.began + 1));
    const fresh = { folder: progress.folder, position: JOURNAL_START, began, files: {} };
    this.state.save(name, fresh);
    return fresh;
  }

  #path({ began }: Delivered, folder: string): string {
    return join(this.state.folder, folder, `events.out.tfevents.${String(began).padStart(10, '0')}.dualprior`);
  }
}

function beginning({ length }: EventFile, time: number): Buffer[] {
  return length === 0 ? [fileVersion(time), sessionStart(time)] : [];
}

function key({ at }: JournalSource): string {
  return `/${at.join('/')}`;
}

/** A stage is shown under its name, which its place in the tree of runs makes unique. */
function folderOf({ at, name }: JournalSource): string {
  const parts = name === undefined ? at : [...at.slice(0, -1), name];
  return join(...parts.map(fileName));
}

function fileName(part: string): string {
  return part.replace(/[/\\]|^\.+/g, '_');
}
