/** Why no GPU can be used, for display. */
export interface Unavailable {
  /** A sentence's end: `this machine has no NVIDIA driver`. */
  readonly problem: string;
  /** What to do about it, a sentence. */
  readonly remedy: string;
  /** Whether nothing speaks for a GPU in this machine, or the user hides it: then it is reported only to users who asked for one. */
  readonly expected?: boolean;
}

export function isUnavailable(found: object): found is Unavailable {
  return 'problem' in found;
}
