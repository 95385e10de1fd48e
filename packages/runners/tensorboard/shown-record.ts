import { createHash } from 'node:crypto';
import { fromJournalNumber, type JournalRecord } from '@dualprior/core';
import sharp from 'sharp';
import type { EventFile } from './delivery-state.ts';
import {
  finished,
  hyperparameters,
  image,
  markdown,
  scalar,
  type Hyperparameter,
  type Moment,
} from './events/event.ts';

/** Reads a file that a record names. */
type ReadFile = (name: string) => Promise<Buffer>;

const HYPERPARAMETERS = '_hparams_';

/**
 * The events by which a record of the journal is shown. Notes in `file` what they show: what is there already, at the same step with the same value,
 * is not shown again, for a run that continues says again what it has said before.
 * Errors: those of `read`; what it gives is no image.
 */
export async function eventsOf(record: JournalRecord, file: EventFile, read: ReadFile): Promise<Buffer[]> {
  const { time } = record;
  if (record.event === 'param') {
    file.pending[record.key] = record.value;
    return [];
  }
  const before = settleHyperparameters(time, file);
  return [...before, ...(await ownEvents(record, file, read))];
}

async function ownEvents(record: JournalRecord, file: EventFile, read: ReadFile): Promise<Buffer[]> {
  const { time } = record;
  switch (record.event) {
    case 'metric': {
      const moment = { time, step: record.step };
      const value = fromJournalNumber(record.value);
      return once(file, record.key, moment.step, String(value), () => scalar(moment, record.key, value));
    }
    case 'tag':
      return once(file, record.key, 0, record.value, () => markdown({ time, step: 0 }, record.key, asMarkdown(record)));
    case 'image':
      return picture(file, record.key, { time, step: record.step }, await read(record.file));
    case 'artifact':
      if (!IMAGE_FILE.test(record.path)) return [];
      return picture(file, record.path, { time, step: 0 }, await read(record.file));
    case 'end':
      return record.status === 'FINISHED' ? once(file, 'end', 0, record.status, () => finished(time)) : [];
    default:
      return [];
  }
}

const IMAGE_FILE = /\.(png|jpe?g|webp)$/i;

/** All of a run's hyperparameters are one event, so they are written once the journal continues with something else. */
function settleHyperparameters(time: number, file: EventFile): Buffer[] {
  const pending = Object.entries(file.pending);
  file.pending = {};
  if (pending.length === 0) return [];
  // TensorBoard keeps the first that it is given.
  if (file.shown[HYPERPARAMETERS]) return [];
  const values = Object.fromEntries(pending.map(([name, value]) => [name, toHyperparameter(value)]));
  return once(file, HYPERPARAMETERS, 0, '', () => hyperparameters(time, values));
}

async function picture(file: EventFile, tag: string, moment: Moment, content: Buffer): Promise<Buffer[]> {
  const { format, width, height } = await sharp(content).metadata();
  const png = format === 'png' ? content : await sharp(content).png().toBuffer();
  return once(file, tag, moment.step, fingerprint(content), () => image(moment, tag, { png, width, height }));
}

function once(file: EventFile, tag: string, step: number, value: string, make: () => Buffer): Buffer[] {
  const shown = { step, value: value.length > 64 ? fingerprint(value) : value };
  const last = file.shown[tag];
  if (last?.step === shown.step && last.value === shown.value) return [];
  file.shown[tag] = shown;
  return [make()];
}

/** A note is Markdown; what else a tag says is not to be read as such. */
function asMarkdown({ key, value }: JournalRecord & { event: 'tag' }): string {
  return key === 'note' ? value : `\`${value}\``;
}

/** The journal holds texts. */
function toHyperparameter(text: string): Hyperparameter {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
}

function fingerprint(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
