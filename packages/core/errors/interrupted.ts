/** The user stopped the run (Ctrl-C); everything that is needed to continue is on disk. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted. The same command continues from here.');
  }
}
