import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively, UserError, type LockOwner } from '@dualprior/core';
import type { BestCheckpoint } from '../stages/stage.ts';
import type { UnreadableByUse } from '../stages/unreadable-images.ts';
import { savedProgress, type Progress } from '../stages/training-state.ts';
import writeFileAtomic from 'write-file-atomic';

/** What stays written about a stage: whether it is done, and under which names it was used. */
export interface StageRecord {
  complete: boolean;
  /** Which of its files others get when they name a network of this stage. */
  result: 'best' | 'last';
  /** Seconds spent training. */
  seconds: number;
  /** The best checkpoint, where one is better than another (absent in records of older versions). */
  best?: BestCheckpoint | undefined;
  /** Images that it was trained and validated without, as they could not be read. */
  unreadable?: UnreadableByUse;
  /** `experiment/stage` of each experiment that used it. */
  usedAs: string[];
}

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

  /** Errors: the file that holds it is damaged. */
  get record(): StageRecord {
    const file = join(this.path, 'stage.json');
    if (!existsSync(file)) return { complete: false, result: 'last', seconds: 0, usedAs: [] };
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as StageRecord;
    } catch (error) {
      throw new UserError(
        `${file} is damaged: ${(error as Error).message}. Without the folder ${this.path} the stage is trained again.`,
      );
    }
  }

  update(change: Partial<StageRecord>): void {
    writeFileAtomic.sync(join(this.path, 'stage.json'), JSON.stringify({ ...this.record, ...change }, null, 2));
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
}
