import type { Photograph } from './photograph.ts';

/** What the visitor chose. */
export interface Wishes {
  readonly method: string;
  /** Side of the tiles in pixels. */
  readonly tile: number;
}

interface Call {
  readonly signal: AbortSignal;
  /** Called with what is being done, and the share of it that is done where that is known. */
  progress(words: string, share?: number): void;
}

export interface Restored {
  readonly image: Blob;
  /** What it took: time, tiles, with what. */
  readonly facts: readonly string[];
  /** What the visitor should know beside it. */
  readonly notes: readonly string[];
}

/** Where photographs are restored. */
export interface Restoring {
  /** Gets ready for a method, before there is a photograph. */
  prepare(method: string): void;
  /** Errors: `Trouble`. */
  restore(photograph: Photograph, wishes: Wishes, call: Call): Promise<Restored>;
}

/** For display: `0.4 s`. */
export function inSeconds(seconds: number): string {
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
