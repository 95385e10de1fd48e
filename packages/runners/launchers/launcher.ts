import { Kind } from '@dualprior/core';
import type { Console } from '../console/console.ts';

/** A piece of work that a process does: one stage, or one whole experiment. */
export interface Task {
  /** Unique, and the same only for the same work; its letters are those of a file's name. */
  readonly id: string;
  /** For display: `width=16, seed 1 · stage fuse`. */
  readonly label: string;
  /** Ids of tasks that must have ended well before. */
  readonly needs: readonly string[];
  /** What `yarn experiment` is given. */
  readonly parameters: readonly string[];
  /** The file or folder that it leaves: its result counts as long as this is there. */
  readonly leaves: string;
}

/** How a task ended. */
export interface TaskEnd {
  readonly task: Task;
  /** Undefined where it ended well. */
  readonly problem: string | undefined;
  /** What `--json` printed, where it ended well. */
  readonly document: unknown;
}

export interface LaunchContext {
  readonly console: Console;
  /** Where logs go, and what a launcher keeps; the same for the same command. It need not exist. */
  readonly folder: string;
  /** Aborted to interrupt: processes save their state, and `Interrupted` is thrown. */
  readonly signal: AbortSignal;
}

/** Has tasks done by processes, here or elsewhere. */
export interface Launcher {
  /** How many tasks run at a time; where it is 1, a task may be a whole experiment. */
  readonly processes: number;
  /** Does all tasks, each after those that it needs. One that fails stops those that need it only. Errors: `Interrupted`. */
  run(tasks: readonly Task[], context: LaunchContext): Promise<TaskEnd[]>;
}

export const launchers = new Kind<Launcher>('launcher');
