import { counted, type Log } from '@dualprior/core';
import { editedParts, type Code } from './code.ts';

/** The note for the table about something reused or continued although its code was edited; undefined if it was not, or if that is unknown. */
export function edited(what: string, before: Code | undefined, now: Code | undefined): string | undefined {
  const parts = now ? editedParts(before, now) : [];
  if (parts.length === 0) return undefined;
  return `${what} by other code than this run's: ${counted(parts.length, 'part')} edited since (${parts.join(', ')}), so this code may give another result.`;
}

/** Says so before it is reused, with the ways forward. */
export function warnOfEdits(remark: string | undefined, remedy: string, log: Pick<Log, 'warn'>): void {
  if (remark !== undefined) log.warn(`${remark}\n  ${remedy}`);
}
