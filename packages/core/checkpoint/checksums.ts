/**
 * CRC-32 of bytes, as zlib has it.
 * @param before that of the bytes before these
 */
export type Checksum = (bytes: Uint8Array, before?: number) => number;

/**
 * Checksums in the header of a safetensors file, so that no damage to a file goes unnoticed wherever it is moved: CRC-32 in eight hex digits
 * each, first of the header itself (taken with zeros in this place), then of the bytes of each tensor, in the order in which they lie there.
 * They are an entry of the metadata, which other readers ignore, and stand first, at a fixed place.
 */
export const CHECKSUMS = 'dualprior.crc32';

const DIGITS = 8;
const MARK = `{"__metadata__":{"${CHECKSUMS}":"`;
/** Where they begin: behind the size of the header. */
const BEGIN = 8 + MARK.length;

/** What stands in the metadata until the checksums are known. */
export function noChecksums(tensors: number): string {
  return '0'.repeat(DIGITS * (1 + tensors));
}

/** Whether a file that begins like this has checksums. */
export function hasChecksums(start: Uint8Array): boolean {
  return new TextDecoder().decode(start.subarray(8, BEGIN)) === MARK;
}

/** Fills in the checksums. `start`: the size of the header and the header. */
export function fillChecksums(start: Uint8Array, tensors: readonly number[], checksum: Checksum): void {
  start.set(new TextEncoder().encode(tensors.map(toHex).join('')), BEGIN + DIGITS);
  start.set(new TextEncoder().encode(toHex(checksum(start))), BEGIN);
}

/** The checksums of the tensors of a file that has some. Errors: the header is damaged. */
export function readChecksums(start: Uint8Array, tensors: number, checksum: Checksum): number[] {
  const digits = new TextDecoder().decode(start.subarray(BEGIN, BEGIN + DIGITS * (1 + tensors)));
  const zeroed = Uint8Array.from(start).fill('0'.charCodeAt(0), BEGIN, BEGIN + DIGITS);
  const [header, ...others] = Array.from({ length: 1 + tensors }, (_, i) => digits.slice(i * DIGITS, (i + 1) * DIGITS));
  if (header !== toHex(checksum(zeroed))) throw new Error('its header has a wrong checksum');
  return others.map((each) => Number.parseInt(each, 16));
}

function toHex(value: number): string {
  return value.toString(16).padStart(DIGITS, '0');
}
