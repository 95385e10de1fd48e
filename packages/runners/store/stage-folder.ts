import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@dualprior/core';
import { savedProgress, stateFile, type Progress } from '../stages/training-state.ts';
import writeFileAtomic from 'write-file-atomic';

/** What stays written about a stage: whether it is done, and under which names it was used. */
export interface StageRecord {
  complete: boolean;
  /** Which of its files others get when they name a network of this stage. */
  result: 'best' | 'last';
  /** Seconds spent training. */
  seconds: number;
  /** `experiment/stage` of each experiment that used it. */
  usedAs: string[];
}

/** One trained (or half-trained) stage on disk. */
export class StageFolder {
  constructor(readonly path: string) {}

  get journal(): string {
    return join(this.path, 'journal.jsonl');
  }

  /** True once something was saved that training can go on from. */
  get started(): boolean {
    return existsSync(stateFile(this.path));
  }

  /** How far training has come, or undefined where nothing was saved. */
  get progress(): Progress | undefined {
    return savedProgress(this.path);
  }

  get record(): StageRecord {
    const file = join(this.path, 'stage.json');
    return existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as StageRecord)
      : { complete: false, result: 'last', seconds: 0, usedAs: [] };
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
   * Errors: another living process trains it.
   */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const lock = join(this.path, 'lock');
    this.#acquire(lock);
    try {
      return await work();
    } finally {
      rmSync(lock, { force: true });
    }
  }

  #acquire(lock: string): void {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(lock, 'utf8'));
      if (owner !== process.pid && alive(owner)) {
        throw new UserError(`Process ${owner} is training this stage already (${lock}).`);
      }
      writeFileAtomic.sync(lock, String(process.pid));
    }
  }
}

function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
