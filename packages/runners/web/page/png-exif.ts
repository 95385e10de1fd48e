import type { FileBytes } from './metadata.ts';

/** Signature and first chunk, IHDR. */
const HEAD = 8 + 25;

/** A PNG with a chunk of EXIF (`eXIf` of PNG's third edition) after its head. */
export function pngWithExif(png: Blob, exif: FileBytes): Blob {
  const content = new Uint8Array([...new TextEncoder().encode('eXIf'), ...exif]);
  const chunk = [numberBytes(exif.length), content, numberBytes(crc32(content))];
  return new Blob([png.slice(0, HEAD), ...chunk, png.slice(HEAD)], { type: png.type });
}

function numberBytes(value: number): FileBytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** The checksum of PNG (ISO 3309), bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
