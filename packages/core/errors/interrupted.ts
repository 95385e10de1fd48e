/** The user stopped the run (Ctrl-C); everything that is needed to go on is on disk. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted. The same command goes on from here.');
  }
}
