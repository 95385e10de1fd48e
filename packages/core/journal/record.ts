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

/** The record of a line, or undefined if the line is damaged or was never one of ours. */
export function decodeRecord(line: string): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const NOT_FINITE: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'] satisfies JournalNumber[];
const STATUSES: readonly unknown[] = ['FINISHED', 'FAILED', 'KILLED'] satisfies RunStatus[];
const isText = (value: unknown) => typeof value === 'string';
const isStep = (value: unknown) => Number.isSafeInteger(value);
const isNumber = (value: unknown) => typeof value === 'number' || NOT_FINITE.includes(value);
const isStatus = (value: unknown) => STATUSES.includes(value);
const MEMBERS: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  start: { name: isText },
  param: { key: isText, value: isText },
  tag: { key: isText, value: isText },
  metric: { key: isText, value: isNumber, step: isStep },
  artifact: { path: isText, file: isText },
  image: { key: isText, file: isText, step: isStep },
  end: { status: isStatus },
};

/** Whether a value that was read from a file is a record: journals are handed on, and others may have written into them. */
export function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  const members = Object.hasOwn(MEMBERS, String(record['event'])) ? MEMBERS[String(record['event'])]! : undefined;
  return (
    members !== undefined &&
    Number.isSafeInteger(record['time']) &&
    isPath(record['run']) &&
    Object.entries(members).every(([name, fits]) => fits(record[name]))
  );
}

/** A path in the tree of runs is short and without characters that cannot be seen. */
function isPath(value: unknown): boolean {
  const isName = (part: unknown) => typeof part === 'string' && /^[^\p{C}]{1,200}$/u.test(part);
  return Array.isArray(value) && value.length <= 10 && value.every(isName);
}
