import { spelled, splitAddress, UserError, type Login } from '@dualprior/core';

/** Where an MLflow server is. */
export interface ServerAddress {
  /** `http(s)://host[:port][/prefix]` without a slash at the end and without credentials. */
  readonly uri: string;
  readonly login?: Login | undefined;
  /** True where someone else may have chosen the address: no credentials of ours are sent there. */
  readonly anonymous?: boolean;
}

/** What the option `uri` accepts; `parseAddress` checks the rest. */
export const URI_PATTERN = '^[hH][tT][tT][pP][sS]?://[^/?#\\s]+(/[^?#\\s]*)?$';

/**
 * Reads the address of a server. `from` says where it stands, for the message.
 * Errors: anything but an http or https address; credentials that are not percent-encoded. They show no credentials.
 */
export function parseAddress(text: string, from: string): ServerAddress {
  const { address, login } = split(text, from);
  let url: URL;
  try {
    if (!new RegExp(URI_PATTERN).test(address)) throw new TypeError();
    url = new URL(address);
  } catch {
    throw new UserError(
      `${from}: "${address}" is not the address of an MLflow server. ` +
        'Allowed is http://HOST:PORT or https://HOST[:PORT], with a path if the server has one. ' +
        `(Files and databases cannot be written to directly: ${spelled('mlflow')} starts a server that keeps its data in a file.)`,
    );
  }
  return { uri: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`, login };
}

function split(text: string, from: string): ReturnType<typeof splitAddress> {
  try {
    return splitAddress(text);
  } catch (error) {
    throw new UserError(`${from}: ${(error as Error).message}`);
  }
}

/** True if only this machine can reach the address. */
export function isLoopback(uri: string): boolean {
  const { hostname } = new URL(uri);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
