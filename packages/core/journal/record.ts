/** How a run ended. `KILLED`: interrupted, and can be gone on with. */
export type RunStatus = 'FINISHED' | 'FAILED' | 'KILLED';

/** A number as the journal holds it: JSON knows no NaN and no infinity. */
export type JournalNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/**
 * One record of a journal, a line of JSON. `time` is in ms since 1970. `run` is the path of the run in the tree of runs,
 * relative to where the journal is mounted: `[]`, `["stages", "restore"]`, `["methods", "NAFNet"]`.
 * `file` is relative to the journal's folder, or absolute.
 */
export type JournalRecord = { readonly time: number; readonly run: readonly string[] } & JournalEvent;

export type JournalEvent =
  | { readonly event: 'start'; readonly name: string }
  | { readonly event: 'param'; readonly key: string; readonly value: string }
  | { readonly event: 'tag'; readonly key: string; readonly value: string }
  | { readonly event: 'metric'; readonly key: string; readonly value: JournalNumber; readonly step: number }
  | { readonly event: 'artifact'; readonly path: string; readonly file: string }
  | { readonly event: 'image'; readonly key: string; readonly file: string; readonly step: number }
  | { readonly event: 'end'; readonly status: RunStatus };

export function toJournalNumber(value: number): JournalNumber {
  return Number.isFinite(value) ? value : (String(value) as JournalNumber);
}

export function fromJournalNumber(value: JournalNumber): number {
  return Number(value);
}

/** The record's line, with its line feed. */
export function encodeRecord(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** The record of a line, or undefined if the line is damaged. */
export function decodeRecord(line: string): JournalRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Partial<JournalRecord>;
  const whole = typeof record.time === 'number' && Array.isArray(record.run) && typeof record.event === 'string';
  return whole ? (value as JournalRecord) : undefined;
}
