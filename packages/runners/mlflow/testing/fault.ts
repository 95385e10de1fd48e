import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/**
 * What happens to a request: an answer instead of the server's; a connection that is cut or reset before the work, cut after it, or in the middle of the
 * answer; an answer that comes late, or never.
 */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'cut'
  | 'reset'
  | 'cut after'
  | 'cut in the middle'
  | 'late'
  | 'hang'
  | undefined;

/** ms by which a late answer is late. */
const LATE = 300;

/** What comes in place of the work; false if the work is to be done. */
export function instead(fault: Fault, response: ServerResponse): boolean {
  if (fault === 'cut') response.socket?.destroy();
  else if (fault === 'reset') response.socket?.resetAndDestroy();
  else if (typeof fault === 'object') response.writeHead(fault.status, fault.headers).end(fault.body ?? 'trouble');
  else return fault === 'hang';
  return true;
}

/** Answers when the work is done. */
export function afterwards(
  fault: Fault,
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): void {
  if (fault === 'cut after') return void response.socket?.destroy();
  response.writeHead(status, { ...headers, 'Content-Length': body.length });
  if (fault === 'late') return void setTimeout(() => response.end(body), LATE);
  if (fault !== 'cut in the middle') return void response.end(body);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}
