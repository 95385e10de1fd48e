import { Stream } from './stream.ts';

/**
 * The source of all randomness of a run. A stream is a pure function of the seed and of its path, so nothing
 * needs to be saved to resume: `random.stream('train', 'batch', iteration, position)` gives the same numbers again.
 */
export class Random {
  constructor(readonly seed: number) {}

  stream(...path: (string | number)[]): Stream {
    return new Stream(JSON.stringify([this.seed, ...path]));
  }
}
