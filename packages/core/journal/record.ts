/** How a run ended. `KILLED`: interrupted, and can be continued. */
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
  | MetricEvent
  | { readonly event: 'artifact'; readonly path: string; readonly file: string }
  | { readonly event: 'image'; readonly key: string; readonly file: string; readonly step: number }
  | ({ readonly event: 'dataset' } & DatasetUse)
  | ({ readonly event: 'model' } & TrainedModel)
  | { readonly event: 'end'; readonly status: RunStatus };

interface MetricEvent {
  readonly event: 'metric';
  readonly key: string;
  readonly value: JournalNumber;
  readonly step: number;
  /** The `id` of the trained model that was measured, on the run's test images; another run's journal says more of it. */
  readonly model?: string;
}

/** A data set that a run reads. */
export interface DatasetUse {
  readonly name: string;
  /** Equal for equal images: the data set's identity, hex digits. */
  readonly digest: string;
  readonly role: 'train' | 'validation' | 'test';
  /** The file or folder that its images come from; empty where they are drawn. */
  readonly source: string;
  /** Its options, as JSON. */
  readonly options: string;
}

/** Networks that a run has trained. */
export interface TrainedModel {
  /** Equal for equal networks: the identity of the stage, hex digits. */
  readonly id: string;
  readonly name: string;
  /** The safetensors file, as `file` of an artifact. */
  readonly file: string;
  /** For display: how it was chosen, `best validation PSNR 28.40 dB at 2000`; empty where it is the last. */
  readonly chosen: string;
}

/** Begins the names of metrics that say what the machine is busy with, and nothing of the run itself. */
export const SYSTEM_METRICS = 'system/';

export function isSystemMetric(record: JournalRecord): boolean {
  return record.event === 'metric' && record.key.startsWith(SYSTEM_METRICS);
}

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
const ROLES: readonly unknown[] = ['train', 'validation', 'test'] satisfies DatasetUse['role'][];
const isText = (value: unknown) => typeof value === 'string';
const isStep = (value: unknown) => Number.isSafeInteger(value);
const isNumber = (value: unknown) => typeof value === 'number' || NOT_FINITE.includes(value);
const isStatus = (value: unknown) => STATUSES.includes(value);
const isIdentity = (value: unknown) => isText(value) && /^[0-9a-f]{1,64}$/.test(value as string);
const isRole = (value: unknown) => ROLES.includes(value);
const MEMBERS: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  start: { name: isText },
  param: { key: isText, value: isText },
  tag: { key: isText, value: isText },
  metric: { key: isText, value: isNumber, step: isStep, model: (value) => value === undefined || isIdentity(value) },
  artifact: { path: isText, file: isText },
  image: { key: isText, file: isText, step: isStep },
  dataset: { name: isText, digest: isIdentity, role: isRole, source: isText, options: isText },
  model: { id: isIdentity, name: isText, file: isText, chosen: isText },
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
