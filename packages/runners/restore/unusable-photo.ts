/** A photograph that cannot be restored. The message says why, for display, without its name: `it is cut off`. */
export class UnusablePhoto extends Error {
  override readonly name = 'UnusablePhoto';
}
