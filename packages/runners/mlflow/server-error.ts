/**
 * - `unreachable`: nobody is there.
 * - `busy`: a server that cuts the connection, asks to come again (429) or has a trouble of its own (5xx).
 * - `wrong-address`: somebody answers who is no MLflow server, or not in this way (https, certificate, redirect).
 * - `denied`: it wants (other) credentials.
 * - `refused`: it understood and does not accept this request.
 */
type TroubleKind = 'unreachable' | 'busy' | 'wrong-address' | 'denied' | 'refused';

interface Answered {
  /** HTTP's status, where there was an answer. */
  readonly status?: number | undefined;
  /** MLflow's `error_code`, e.g. `RESOURCE_DOES_NOT_EXIST`. */
  readonly code?: string | undefined;
  /** When the server wants to be asked again. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Seconds. */
const PATIENCE = 300;

/** Why a request to an MLflow server failed, in a sentence. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly #status: number | undefined;

  constructor(
    readonly kind: TroubleKind,
    message: string,
    { status, code, retryAfterSeconds }: Answered = {},
  ) {
    super(message);
    this.#status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** True if the server may have done what was asked, although it did not say so. */
  get mayBeDone(): boolean {
    const status = this.#status ?? 200;
    return status < 300 || status === 408 || status >= 500;
  }

  /** True if the server wants to be left alone for longer than a user waits for. */
  get asksForPatience(): boolean {
    return (this.retryAfterSeconds ?? 0) > PATIENCE;
  }

  /** True if the server does not know what was asked for at all: it is of another version. */
  get isUnknownCall(): boolean {
    const unknown = this.#status === 404 || this.#status === 405 || this.#status === 501;
    return unknown && (this.code === undefined || this.code === 'ENDPOINT_NOT_FOUND');
  }

  /** True if it may be about this one request only: the next, for something else, can well succeed. */
  get aboutRequest(): boolean {
    const full = this.retryAfterSeconds !== undefined || this.#status === 429;
    return this.kind !== 'unreachable' && !full;
  }
}

/** True if nothing at all can be written to the run: it was deleted. */
export function aboutTheRun(error: ServerError): boolean {
  return error.code === 'RESOURCE_DOES_NOT_EXIST' || /must be in the 'active' state/.test(error.message);
}
