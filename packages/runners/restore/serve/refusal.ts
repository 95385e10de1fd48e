/** A request that is answered with an error, in words for whoever sent it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  /** @param status of HTTP */
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
