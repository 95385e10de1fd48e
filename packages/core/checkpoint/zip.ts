import { crc32, inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const END_ZIP64 = 0x06064b50;
const END_ZIP64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const ZIP64_EXTRA = 1;
const SATURATED = 0xffffffff;

/**
 * The members of a zip archive, by name. Sizes are read from the central directory: numpy and PyTorch leave them out of
 * the local headers. ZIP64 is understood, and every member's CRC is checked (which is why no library does this here).
 * Errors: anything that is damaged, encrypted or packed with another method than deflate.
 */
export function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, offset } = directory(view);
  const members = new Map<string, Uint8Array>();
  let position = offset;
  for (let i = 0; i < count; i++) {
    if (view.getUint32(position, true) !== CENTRAL) throw new Error('the directory of the archive is damaged');
    const nameLength = view.getUint16(position + 28, true);
    const extraLength = view.getUint16(position + 30, true);
    const commentLength = view.getUint16(position + 32, true);
    const name = new TextDecoder().decode(bytes.subarray(position + 46, position + 46 + nameLength));
    members.set(name, member(bytes, view, position, name));
    position += 46 + nameLength + extraLength + commentLength;
  }
  return members;
}

/** Number of entries of the central directory, and where it begins. */
function directory(view: DataView): { count: number; offset: number } {
  const last = view.byteLength - 22;
  for (let end = last; end >= Math.max(0, last - 0xffff); end--) {
    if (view.getUint32(end, true) !== END) continue;
    const locator = end - 20;
    if (locator >= 0 && view.getUint32(locator, true) === END_ZIP64_LOCATOR) {
      const end64 = Number(view.getBigUint64(locator + 8, true));
      if (view.getUint32(end64, true) !== END_ZIP64) throw new Error('the end record of the archive is damaged');
      return {
        count: Number(view.getBigUint64(end64 + 32, true)),
        offset: Number(view.getBigUint64(end64 + 48, true)),
      };
    }
    return { count: view.getUint16(end + 10, true), offset: view.getUint32(end + 16, true) };
  }
  throw new Error('it is no zip archive, or its end is cut off');
}

function member(bytes: Uint8Array, view: DataView, entry: number, name: string): Uint8Array {
  const method = view.getUint16(entry + 10, true);
  const checksum = view.getUint32(entry + 16, true);
  const { packed, unpacked, offset } = sizes(view, entry);
  if (view.getUint16(entry + 8, true) & 1) throw new Error(`"${name}" is encrypted`);
  if (view.getUint32(offset, true) !== LOCAL) throw new Error(`the header of "${name}" is damaged`);
  const begin = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (begin + packed > bytes.length) throw new Error(`"${name}" is cut off`);
  const data = unpack(bytes.subarray(begin, begin + packed), method, unpacked, name);
  if (data.length !== unpacked || crc32(data) !== checksum) throw new Error(`"${name}" has a wrong checksum`);
  return data;
}

function unpack(data: Uint8Array, method: number, size: number, name: string): Uint8Array {
  if (method === 0) return data;
  if (method !== 8) throw new Error(`"${name}" is packed with the unknown method ${method}`);
  return inflateRawSync(data, { maxOutputLength: Math.max(size, 1) });
}

/** Sizes and offset of a central directory entry; those that do not fit 32 bits stand in its ZIP64 field. */
function sizes(view: DataView, entry: number): { packed: number; unpacked: number; offset: number } {
  const fields = [entry + 24, entry + 20, entry + 42].map((at) => view.getUint32(at, true));
  let extra = entry + 46 + view.getUint16(entry + 28, true);
  const end = extra + view.getUint16(entry + 30, true);
  while (extra + 4 <= end) {
    const length = view.getUint16(extra + 2, true);
    if (view.getUint16(extra, true) === ZIP64_EXTRA) {
      let at = extra + 4;
      fields.forEach((value, i) => {
        if (value !== SATURATED) return;
        fields[i] = Number(view.getBigUint64(at, true));
        at += 8;
      });
    }
    extra += 4 + length;
  }
  const [unpacked, packed, offset] = fields as [number, number, number];
  return { packed, unpacked, offset };
}
