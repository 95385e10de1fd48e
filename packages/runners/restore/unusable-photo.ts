/** A photograph that cannot be restored. The message says why, for people, without its name: `it is cut off`. */
export class UnusablePhoto extends Error {
  override readonly name = 'UnusablePhoto';
}
