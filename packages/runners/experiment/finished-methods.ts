import type { JournalRecord } from '@dualprior/core';

/** Name of the tag that says what a method's results in a run's journal are of. */
export const IDENTITY = 'identity';

/** Methods that earlier sessions of this run have measured and journaled, with the identity of what they measured last. */
export function finishedMethods(records: readonly JournalRecord[]): Map<string, string | undefined> {
  const identities = new Map<string, string>();
  const finished = new Map<string, string | undefined>();
  for (const record of records) {
    const [section, method] = record.run;
    if (section !== 'methods' || method === undefined) continue;
    if (record.event === 'tag' && record.key === IDENTITY) identities.set(method, record.value);
    if (record.event === 'end') finished.set(method, identities.get(method));
  }
  return finished;
}
