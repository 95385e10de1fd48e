/**
 * - `unreachable`: nobody is there.
 * - `busy`: a server that cuts the connection, asks to come again (429) or has a trouble of its own (5xx).
 * - `wrong-address`: somebody answers who is no MLflow server, or not in this way (https, certificate, redirect).
 * - `denied`: it wants (other) credentials.
 * - `refused`: it understood and does not accept this request.
 */
export type TroubleKind = 'unreachable' | 'busy' | 'wrong-address' | 'denied' | 'refused';

/** Why a request to an MLflow server failed, in a sentence for people. */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(
    readonly kind: TroubleKind,
    message: string,
    /** MLflow's `error_code`, e.g. `RESOURCE_DOES_NOT_EXIST`. */
    readonly code?: string,
    /** When the server wants to be asked again. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}
