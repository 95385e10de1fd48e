import { join } from 'node:path';
import { exclusively, type LockOwner } from '@dualprior/core';
import type { Progress } from './progress.ts';
import { savedProgress } from './training-state.ts';
import { readRecord, writeRecord, type StageRecord } from './stage-record.ts';

/** One trained (or half-trained) stage on disk. */
export class StageFolder {
  constructor(readonly path: string) {}

  get journal(): string {
    return join(this.path, 'journal.jsonl');
  }

  /** How far training has come, or undefined where nothing was saved. Errors: those of `savedProgress`. */
  get progress(): Progress | undefined {
    return savedProgress(this.path);
  }

  /** Where its trained networks are. */
  weights(result: StageRecord['result']): string {
    return join(this.path, `${result}.safetensors`);
  }

  /** Errors: the file that holds it is damaged. */
  get record(): StageRecord {
    return readRecord(this.#recordFile);
  }

  update(change: Partial<StageRecord>): void {
    writeRecord(this.#recordFile, { ...this.record, ...change });
  }

  /** Notes under which name an experiment used the stage. */
  usedAs(name: string): void {
    const { usedAs } = this.record;
    if (!usedAs.includes(name)) this.update({ usedAs: [...usedAs, name] });
  }

  /**
   * Runs `work` while no other process trains this stage. A lock whose process is gone is taken over.
   * @param onWait called with the process that trains it, if this one has to wait for it
   * Errors: `AbortError` if the signal is aborted while it waits.
   */
  exclusively<T>(work: () => Promise<T>, onWait: (owner: LockOwner) => void, signal: AbortSignal): Promise<T> {
    return exclusively(join(this.path, 'lock'), work, { onWait, signal });
  }

  get #recordFile(): string {
    return join(this.path, 'stage.json');
  }
}
