import { basename, dirname, resolve } from 'node:path';
import type { JournalSource } from '@dualprior/core';
import type { MlflowClient } from './rest-client.ts';
import type { DeliveryState, FileRecord, OwedFile } from './delivery-state.ts';
import type { ValueDelivery } from './delivery.ts';
import { artifactPath, imageKey } from './names.ts';
import { fileTrouble, LocalFileError, readRunFile } from '../store/run-file.ts';
import { RunFiles } from './run-files.ts';
import { aboutTheRun, ServerError } from './server-error.ts';
import type { ServerRun } from './server-run.ts';
import { readImage } from './thumbnail.ts';

export interface MissingFile {
  /** Absolute path, where its folder is known. */
  readonly file: string;
  readonly reason: string;
}

/**
 * Delivers the files that a run directory owes the server, each on its own: one that the server does not take is kept for a later push and
 * holds up nothing.
 */
export class FileDelivery {
  /** How many have arrived. */
  arrived = 0;
  /** Files that will never arrive, in sentences. */
  readonly notes = new Set<string>();
  /** Why a file that is still owed did not arrive. */
  readonly #reasons = new Map<OwedFile, string>();
  /** Files that the server does not take: of no use to try again soon. */
  readonly #refused = new Set<OwedFile>();
  readonly #runs = new WeakMap<ServerRun, RunFiles>();

  constructor(
    private readonly client: MlflowClient,
    private readonly state: DeliveryState,
    private readonly delivery: ValueDelivery,
  ) {}

  /** Files that are still owed, and why. */
  get owed(): readonly MissingFile[] {
    return this.state.files.map((file) => this.#describe(file));
  }

  /** Those of them that the server does not take. */
  get refused(): readonly MissingFile[] {
    return [...this.#refused].map((file) => this.#describe(file));
  }

  /**
   * Tries every file once that the server has not refused. Returns why others have not arrived that may arrive soon.
   * Errors: `ServerError` where the server as a whole cannot be used now.
   */
  async round(): Promise<Error | undefined> {
    let trouble: Error | undefined;
    for (const owed of this.state.files.filter((file) => !this.#refused.has(file))) {
      const source = this.delivery.source(owed.source);
      const run = source && this.delivery.run(source, owed.record);
      if (!run) {
        this.#reasons.set(owed, source ? 'its run is not on the server' : 'its journal is gone');
        continue;
      }
      try {
        await this.#deliver(run, source, owed.record);
        this.state.settle(owed);
        this.arrived++;
      } catch (error) {
        trouble = this.#keep(owed, error as Error) ?? trouble;
      }
    }
    return trouble;
  }

  /** Notes why a file has not arrived. Returns the error if it may arrive soon. Errors: those that are not about this file. */
  #keep(owed: OwedFile, error: Error): Error | undefined {
    if (error instanceof LocalFileError) {
      this.notes.add(`${this.#nameOf(owed)} was not delivered: ${error.message}.`);
      this.state.settle(owed);
      return undefined;
    }
    this.state.postpone(owed);
    this.#reasons.set(owed, fileTrouble(error));
    if (!(error instanceof ServerError)) return error;
    if (!error.aboutRequest || aboutTheRun(error)) throw error;
    if (error.kind !== 'refused' && error.kind !== 'denied') return error;
    this.#refused.add(owed);
    return undefined;
  }

  async #deliver(run: ServerRun, source: JournalSource, record: FileRecord): Promise<void> {
    const files = this.#runs.get(run) ?? new RunFiles(this.client, run);
    this.#runs.set(run, files);
    const content = await readRunFile(dirname(source.file), record.file);
    if (record.event === 'artifact') return files.putArtifact(artifactPath(record.path), content);
    if (record.event === 'model') return this.#deliverModel(record, content);
    const { png, thumbnail } = await readImage(content);
    await files.putImage(imageKey(record.key), record.step, record.time, png, thumbnail);
  }

  async #deliverModel({ id, file }: FileRecord & { event: 'model' }, content: Buffer): Promise<void> {
    const model = await this.delivery.contents.model(id);
    if (!model) throw new LocalFileError('its model is not on the server');
    await this.client.putArtifact(model.artifactRoot, basename(file), content);
    await this.delivery.contents.finalize(id);
  }

  #describe(owed: OwedFile): MissingFile {
    return { file: this.#nameOf(owed), reason: this.#reasons.get(owed) ?? 'there was no time for it' };
  }

  #nameOf({ source: name, record }: OwedFile): string {
    const source = this.delivery.source(name);
    return source ? resolve(dirname(source.file), record.file) : record.file;
  }
}

/** Which files are missing, by the reason: `a.png, b.png and 3 more: REASON`. */
export function describeOwed(files: readonly MissingFile[], shown = 3): string {
  const reasons = [...new Set(files.map(({ reason }) => reason))];
  const parts = reasons.map((reason) => {
    const names = files.filter((file) => file.reason === reason).map(({ file }) => file);
    const more = names.length > shown ? ` and ${names.length - shown} more` : '';
    return `${names.slice(0, shown).join(', ')}${more}: ${reason}`;
  });
  return parts.join('; ');
}
