import type { InjectionToken } from 'tsyringe';
import { UserError } from '../errors/user-error.ts';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/**
 * What servers want to know, by their addresses. It is kept apart from the experiment and in memory only, so that whatever writes or shows the
 * experiment cannot give it away.
 */
export class Credentials {
  readonly #logins = new Map<string, Login>();

  /** Takes the credentials out of an address and returns it without them. Errors: those of `splitAddress`. */
  take(text: string): string {
    const { address, login } = splitAddress(text);
    if (login) this.#logins.set(address, login);
    return address;
  }

  of(address: string): Login | undefined {
    return this.#logins.get(address);
  }
}

/** Injects the credentials of the experiment: `inject: [CREDENTIALS]`. */
export const CREDENTIALS: InjectionToken<Credentials> = Symbol('Credentials');

/**
 * An address without its credentials, which are all before its last `@`, and these, decoded.
 * Errors: `UserError` for credentials that are not percent-encoded; it shows nothing of them.
 */
export function splitAddress(text: string): { readonly address: string; readonly login?: Login } {
  const parts = /^([a-z][\w+.-]*:\/\/)?(.*)@([^@]*)$/is.exec(text);
  if (!parts) return { address: text };
  const [, scheme = '', secret = '', rest = ''] = parts;
  if (/[/?#\s]/.test(secret)) {
    throw new UserError(
      'before the "@" of an address, "/" is written %2F, "?" is written %3F, "#" is written %23 and a space %20',
    );
  }
  const address = `${scheme}${rest}`;
  if (secret === '') return { address };
  const [username = '', ...password] = secret.split(':');
  return { address, login: { username: decode(username), password: decode(password.join(':')) } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UserError('the credentials in the address have a "%" that is not percent-encoded; write it as %25');
  }
}
