import { crc32, inflateRawSync } from 'node:zlib';
import { checksum as checksumOf } from './checksum.ts';
import { memoryBytes, piecesOf, readRange, subBytes, type Bytes } from '../files/bytes.ts';

const END = 0x06054b50;
const END_ZIP64 = 0x06064b50;
const END_ZIP64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const ZIP64_EXTRA = 1;
const SATURATED = 0xffffffff;
const LONGEST_COMMENT = 0xffff;
const LONGEST_DIRECTORY = 2 ** 24;
const MOST_UNPACKED = 2 ** 30;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly checksum: number;
  /** In bytes, in the archive and unpacked. */
  readonly packed: number;
  readonly unpacked: number;
  /** The position of the local header. */
  readonly offset: number;
}

/**
 * The members of a zip archive, by name, each read, unpacked and checked against its CRC when it is first asked for. Sizes are those of
 * the central directory: NumPy and PyTorch leave them out of the local headers. ZIP64 is understood.
 *
 * Errors: a directory that is damaged; members of one name, or that overlap. On reading a member: it is damaged, encrypted or packed
 * with another method than deflate.
 */
export function unzip(archive: Bytes): Map<string, Bytes> {
  const { count, begin, end } = directory(archive);
  if (end - begin > LONGEST_DIRECTORY) throw new Error(`its directory has ${end - begin} bytes`);
  const entries = readEntries(readRange(archive, begin, end), count);
  const ends = endsOf(entries, begin);
  const members = new Map(entries.map((entry) => [entry.name, member(archive, entry, ends.get(entry)!)]));
  if (members.size < entries.length) throw new Error('several of its members have the same name');
  return members;
}

/** Number of entries of the central directory, and where it lies. */
function directory(archive: Bytes): { count: number; begin: number; end: number } {
  const start = Math.max(0, archive.size - LONGEST_COMMENT - 22 - 20);
  const view = viewOf(readRange(archive, start, archive.size));
  for (let at = view.byteLength - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== END || at + 22 + view.getUint16(at + 20, true) > view.byteLength) continue;
    const locator = at - 20;
    if (locator >= 0 && view.getUint32(locator, true) === END_ZIP64_LOCATOR) {
      const end = Number(view.getBigUint64(locator + 8, true));
      const record = viewOf(readRange(archive, end, end + 56));
      if (record.getUint32(0, true) !== END_ZIP64) throw new Error('its end record is damaged');
      const begin = Number(record.getBigUint64(48, true));
      return placed(Number(record.getBigUint64(32, true)), begin, Number(record.getBigUint64(40, true)), end);
    }
    const [size, begin] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)];
    return placed(view.getUint16(at + 10, true), begin, size, start + at);
  }
  throw new Error('it is no zip archive, or its end is cut off');
}

function placed(count: number, begin: number, size: number, end: number) {
  if (begin + size > end) throw new Error('its directory is damaged');
  return { count, begin, end: begin + size };
}

function readEntries(bytes: Uint8Array, count: number): Entry[] {
  const view = viewOf(bytes);
  const entries: Entry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) throw new Error('its directory is damaged');
    const extra = at + 46 + view.getUint16(at + 28, true);
    const comment = extra + view.getUint16(at + 30, true);
    const next = comment + view.getUint16(at + 32, true);
    if (next > bytes.length) throw new Error('its directory is cut off');
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, extra)),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      ...sizes(view, at, extra, comment),
    });
    at = next;
  }
  if (at !== bytes.length) throw new Error('its directory is of another length than its end record says');
  return entries;
}

/** Sizes and offset of the entry at `at`; those that do not fit 32 bits stand in its ZIP64 field, between `extra` and `end`. */
function sizes(view: DataView, at: number, extra: number, end: number) {
  const fields = [at + 24, at + 20, at + 42].map((field) => view.getUint32(field, true));
  for (let field = extra; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== ZIP64_EXTRA) continue;
    const last = field + 4 + view.getUint16(field + 2, true);
    let position = field + 4;
    fields.forEach((value, i) => {
      if (value !== SATURATED) return;
      if (position + 8 > Math.min(last, end)) throw new Error('its directory is damaged');
      fields[i] = Number(view.getBigUint64(position, true));
      position += 8;
    });
  }
  const [unpacked, packed, offset] = fields as [number, number, number];
  return { packed, unpacked, offset };
}

/** Where each member must have ended: where the next one or the directory begins. Errors: members overlap. */
function endsOf(entries: readonly Entry[], directory: number): Map<Entry, number> {
  const ordered = [...entries].sort((a, b) => a.offset - b.offset);
  return new Map(
    ordered.map((entry, i) => {
      const end = ordered[i + 1]?.offset ?? directory;
      const least = entry.offset + 30 + entry.packed;
      if (least > end) throw new Error(`its member "${entry.name}" lies over what comes after it`);
      return [entry, end];
    }),
  );
}

/** @param end where it must have ended */
function member(archive: Bytes, entry: Entry, end: number): Bytes {
  const { name, method, packed, unpacked } = entry;
  const wrong = (what: string) => new Error(`its member "${name}" ${what}`);

  function data(): Bytes {
    if (entry.isEncrypted) throw wrong('is encrypted');
    const header = viewOf(readRange(archive, entry.offset, entry.offset + 30));
    if (header.getUint32(0, true) !== LOCAL) throw wrong('has a damaged header');
    const begin = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (begin + packed > end) throw wrong('is cut off');
    return subBytes(archive, begin, begin + packed);
  }

  let checked: Bytes | undefined;
  let unpackedOnce: WeakRef<Uint8Array> | undefined;

  function check(content: Iterable<Uint8Array>): void {
    let checksum = 0;
    for (const piece of content) checksum = checksumOf(piece, checksum);
    if (packed !== unpacked || checksum !== entry.checksum) throw wrong('has a wrong checksum');
  }

  /** Checked while it is read where it is read as a whole, else before, in pieces: a member may be larger than memory. */
  function fillStored(target: Uint8Array, position: number): void {
    const isWhole = target.length === unpacked && position === 0;
    const bytes = checked ?? data();
    if (!checked && !isWhole) check(piecesOf(bytes));
    bytes.fill(target, position);
    if (!checked && isWhole) check([target]);
    checked = bytes;
  }

  function inflated(): Bytes {
    const known = unpackedOnce?.deref();
    if (known) return memoryBytes(known);
    if (unpacked > MOST_UNPACKED) throw wrong(`has ${unpacked} bytes when unpacked`);
    const bytes = data();
    const content = inflateRawSync(readRange(bytes, 0, bytes.size), { maxOutputLength: Math.max(unpacked, 1) });
    if (content.length !== unpacked || crc32(content) !== entry.checksum) throw wrong('has a wrong checksum');
    unpackedOnce = new WeakRef(content);
    return memoryBytes(content);
  }

  return {
    size: unpacked,
    fill(target, position) {
      if (method !== 0 && method !== 8) throw wrong(`is packed with the unknown method ${method}`);
      if (method === 0) fillStored(target, position);
      else inflated().fill(target, position);
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
