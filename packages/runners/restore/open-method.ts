import type { Method } from '../methods/method.ts';

/** A method with its networks in memory. */
export interface OpenMethod {
  /** For people. */
  readonly name: string;
  readonly method: Method;
  /** What is worth a line about where its numbers come from. */
  readonly notes: readonly string[];
  /** Frees the networks. */
  dispose(): void;
}
