import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { decodeRecord, type JournalRecord } from './record.ts';

/** How far a journal was read, and a fingerprint of what stood before that, to notice that it was cut back since. */
export interface JournalPosition {
  readonly offset: number;
  readonly check: string;
}

export interface JournalChunk {
  readonly records: readonly JournalRecord[];
  /** Where these records end. */
  readonly position: JournalPosition;
  /** True if the journal was cut back or started over since `from`: these records are its first. */
  readonly restarted: boolean;
  /** Lines that are no records. */
  readonly damaged: number;
}

export const JOURNAL_START: JournalPosition = { offset: 0, check: '' };

const CHECKED_BYTES = 512;
const CHUNK_BYTES = 256 * 1024;
/** No line of ours comes near: a longer one is skipped without being held in memory. */
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Reads what a journal holds after a position: whole lines only, about `bytes` of them. A journal that does not exist
 * (yet) is empty. Where the bytes before `from` are not those that were read, reading starts over.
 */
export async function readJournal(
  file: string,
  from: JournalPosition = JOURNAL_START,
  bytes = CHUNK_BYTES,
): Promise<JournalChunk> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { records: [], position: JOURNAL_START, restarted: from.offset > 0, damaged: 0 };
  }
  try {
    const length = (await handle.stat()).size;
    const same = from.offset <= length && (await fingerprint(handle, from.offset)) === from.check;
    const offset = same ? from.offset : 0;
    const { lines, end } = await wholeLines(handle, offset, length, bytes);
    const records = lines.map(decodeRecord);
    return {
      records: records.filter((record) => record !== undefined),
      position: { offset: end, check: await fingerprint(handle, end) },
      restarted: !same,
      damaged: records.filter((record) => record === undefined).length,
    };
  } finally {
    await handle.close();
  }
}

/** All records of a journal. */
export async function readWholeJournal(file: string): Promise<JournalRecord[]> {
  return [...(await readJournal(file, JOURNAL_START, Infinity)).records];
}

async function wholeLines(
  handle: FileHandle,
  offset: number,
  length: number,
  bytes: number,
): Promise<{ lines: string[]; end: number }> {
  for (let size = Math.min(bytes, length - offset); size > 0;) {
    const chunk = await read(handle, offset, size);
    const feed = chunk.lastIndexOf(0x0a);
    if (feed >= 0) {
      const lines = chunk.subarray(0, feed).toString('utf8').split('\n');
      return { lines: lines.filter((line) => line !== ''), end: offset + feed + 1 };
    }
    if (offset + size >= length) break;
    if (size > LONGEST_LINE) return { lines: ['too long'], end: await lineEnd(handle, offset + size, length) };
    size = Math.min(size * 2, length - offset);
  }
  return { lines: [], end: offset };
}

/** Where the line that `offset` lies in ends; the end of the file where it does not. */
async function lineEnd(handle: FileHandle, offset: number, length: number): Promise<number> {
  for (let begin = offset; begin < length; begin += CHUNK_BYTES) {
    const feed = (await read(handle, begin, Math.min(CHUNK_BYTES, length - begin))).indexOf(0x0a);
    if (feed >= 0) return begin + feed + 1;
  }
  return length;
}

async function fingerprint(handle: FileHandle, offset: number): Promise<string> {
  if (offset === 0) return '';
  const begin = Math.max(0, offset - CHECKED_BYTES);
  return createHash('sha256')
    .update(await read(handle, begin, offset - begin))
    .digest('hex')
    .slice(0, 16);
}

async function read(handle: FileHandle, offset: number, size: number): Promise<Buffer> {
  const chunk = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(chunk, length, size - length, offset + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return chunk.subarray(0, length);
}
