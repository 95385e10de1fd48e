import { UserError } from '@dualprior/core';

/** Where an MLflow server is: `http(s)://host[:port][/prefix]` without a slash at the end and without credentials. */
export interface ServerAddress {
  readonly uri: string;
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
}

/** What the option `uri` accepts; `parseAddress` checks the rest. */
export const URI_PATTERN = '^[hH][tT][tT][pP][sS]?://[^/?#\\s]+(/[^?#\\s]*)?$';

/**
 * Reads the address of a server. `from` says where it stands, for the message.
 * Errors: anything but an http or https address.
 */
export function parseAddress(text: string, from: string): ServerAddress {
  let url: URL;
  try {
    if (!new RegExp(URI_PATTERN).test(text)) throw new TypeError();
    url = new URL(text);
  } catch {
    throw new UserError(
      `${from}: "${text}" is not the address of an MLflow server. ` +
        'Allowed is http://HOST:PORT or https://HOST[:PORT], with a path if the server has one. ' +
        '(Files and databases cannot be written to directly: yarn mlflow starts a server that keeps its data in a file.)',
    );
  }
  const { username, password } = url;
  return {
    uri: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
    ...(username && {
      credentials: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
    }),
  };
}

/** True if only this machine can reach the address. */
export function isLoopback(uri: string): boolean {
  const { hostname } = new URL(uri);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
