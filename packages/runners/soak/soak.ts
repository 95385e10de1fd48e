import type { Log, Random } from '@dualprior/core';

/** A generator of faults: it makes many inputs of one kind at random, tries them, and keeps those that failed. */
export interface Soak {
  /** As in `yarn soak NAME`. */
  readonly name: string;
  readonly description: string;
  /** How many it tries without `--count`, in some minutes; undefined: what it tries has no number. */
  readonly count?: number;
  /** What the words after its name limit it to, for display; undefined: it takes none. */
  readonly parts?: string;
  /** Whether a later start in the same folder continues where an earlier one stopped. */
  readonly resumes?: boolean;
  run(options: SoakOptions): Promise<SoakResult>;
}

export interface SoakOptions {
  readonly count: number;
  /** What it is limited to; empty: nothing. */
  readonly parts: readonly string[];
  /** The source of all that is random: the same seed tries the same inputs. */
  readonly random: Random;
  /** Exists, and is the soak's own: reproductions of failures stay there, and what a resumed start needs; nothing else does. */
  readonly folder: string;
  /** Shows how far it is. */
  readonly progress: (done: number) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface SoakResult {
  /** How many were tried, by what became of them: `{ valid: 210, refused: 90 }`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly SoakFailure[];
}

export interface SoakFailure {
  readonly message: string;
  /** A file or folder that shows the failure again. */
  readonly reproduction: string;
}

/** One line: `configs: 300 tried, 210 valid, 90 refused, 0 failures`. */
export function describeResult(name: string, { counts, failures }: SoakResult): string {
  const tried = Object.values(counts).reduce((sum, count) => sum + count, failures.length);
  const parts = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  const failed = `${failures.length} ${failures.length === 1 ? 'failure' : 'failures'}`;
  return `${name}: ${[`${tried} tried`, ...parts, failed].join(', ')}`;
}
