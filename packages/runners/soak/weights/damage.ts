import { unzipSync, zipSync } from 'fflate';
import type { Stream } from '@dualprior/core';

/** Numbers that a header or a pickle may give for a length, a place or a count. */
export const ODD_NUMBERS = [-1, 0, 1, 2, 4, 255, 256, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53, 2 ** 62];

/** A copy with one to four changes: of its bytes, of a member of its archive, or of a number in its header. */
export function damaged(bytes: Uint8Array, stream: Stream): Uint8Array {
  if (stream.integer(2) === 0) {
    if (bytes[0] === 0x50) return withDamagedMember(bytes, stream) ?? withDamagedBytes(bytes, stream);
    if (bytes[8] === 0x7b) return withDamagedHeader(bytes, stream);
  }
  return withDamagedBytes(bytes, stream);
}

/** Bits, bytes, words, parts cut out or doubled, the end cut off. */
function withDamagedBytes(original: Uint8Array, stream: Stream): Uint8Array {
  let bytes = Buffer.from(original);
  for (let changes = 1 + stream.integer(4); changes > 0 && bytes.length > 8; changes--) {
    const [place, length] = [stream.integer(bytes.length), 1 + stream.integer(16)];
    switch (stream.integer(6)) {
      case 0:
        bytes[place]! ^= 1 << stream.integer(8);
        break;
      case 1:
        bytes[place] = stream.integer(256);
        break;
      case 2:
        bytes.fill([0, 0x7f, 0xff][stream.integer(3)]!, place, Math.min(place + 4, bytes.length));
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + length)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, place + length), bytes.subarray(place)]);
        break;
      default:
        if (stream.integer(4) === 0) bytes = bytes.subarray(0, place);
    }
  }
  return bytes;
}

/** The checksums of the archive are right, so that the reader meets the damage. Undefined where it cannot be unpacked. */
function withDamagedMember(bytes: Uint8Array, stream: Stream): Uint8Array | undefined {
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(bytes, { filter: ({ originalSize }) => originalSize <= 2 ** 20 });
  } catch {
    return undefined;
  }
  const names = Object.keys(members);
  if (names.length === 0) return undefined;
  const pickle = names.find((name) => name.endsWith('data.pkl'));
  const name = (stream.integer(4) > 0 && pickle) || names[stream.integer(names.length)]!;
  const changed = withDamagedBytes(members[name]!, stream);
  return zipSync({ ...members, [name]: changed }, { level: stream.integer(2) === 0 ? 0 : 6 });
}

/** A number of the JSON of a safetensors file is another one, and the header has the length that it says. */
function withDamagedHeader(bytes: Uint8Array, stream: Stream): Uint8Array {
  const length = Number(Buffer.from(bytes).readBigUInt64LE());
  const header = Buffer.from(bytes.subarray(8, 8 + length)).toString('latin1');
  const numbers = [...header.matchAll(/\d+/g)];
  const number = numbers[stream.integer(numbers.length)];
  if (!number) return withDamagedBytes(bytes, stream);
  const other = String(ODD_NUMBERS[stream.integer(ODD_NUMBERS.length)]);
  const changed = header.slice(0, number.index) + other + header.slice(number.index + number[0].length);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(changed.length));
  return Buffer.concat([size, Buffer.from(changed, 'latin1'), bytes.subarray(8 + length)]);
}
