import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/**
 * Keeps pages of others away: a page that a visitor of this machine has open must not have it restore anything.
 * @param isLocal whether only this machine is to reach the server, so that a name that leads here from elsewhere is a trick
 * Errors: `Refusal`.
 */
export function checkOrigin({ headers: { host = '', origin } }: IncomingMessage, isLocal: boolean): void {
  if (isLocal && !LOCAL.test(host)) throw new Refusal(403, 'the server answers to localhost only');
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return;
  throw new Refusal(403, 'pages of other origins are not answered');
}
