import type { RehearsalLimits } from './rehearse-stage.ts';
import type { RehearsedFile } from './stand-ins.ts';

/** What a process of its own is to rehearse, of which experiment. */
export interface RehearsalTask extends RehearsedFile {
  /** Absolute path. */
  readonly file: string;
  readonly device: 'auto' | 'cpu' | 'gpu' | undefined;
  /** Files that declare what it names, for what is no part of these packages. */
  readonly components: readonly string[];
  /** A stage, or the evaluation on so many test images. */
  readonly part: { readonly stage: string; readonly limits: RehearsalLimits } | { readonly images: number };
}

/** What the process says, a line of JSON each. It ends with a result or an error. */
export type RehearsalMessage =
  | { readonly type: 'info' | 'warn'; readonly line: string }
  /** See `Rehearsed.standIns`. */
  | { readonly type: 'stand-in'; readonly line: string }
  | { readonly type: 'result'; readonly value: unknown; readonly peakBytes: number | null }
  | { readonly type: 'error'; readonly message: string; readonly isUsers: boolean };
