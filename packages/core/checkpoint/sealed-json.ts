import { checksum } from './checksum.ts';

/** The entry of the checksum: CRC-32 of the JSON of all others, in hex. */
const SEAL = 'crc32';

/** A map as JSON with a checksum, so that no damage to it goes unnoticed. */
export function sealedJson(value: object): string {
  return `${JSON.stringify({ ...value, [SEAL]: sealOf(value) }, null, 2)}\n`;
}

/** The map, and whether it had a checksum: files of older versions lack it. Errors: it is no map, or its checksum is wrong. */
export function parseSealedJson(text: string): { readonly value: object; readonly isSealed: boolean } {
  const content: unknown = JSON.parse(text);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new Error(`all of it is ${JSON.stringify(content)}`);
  }
  const { [SEAL]: seal, ...value } = content as { readonly [SEAL]?: unknown };
  if (seal === undefined) return { value: content, isSealed: false };
  if (seal !== sealOf(value)) throw new Error('its checksum is wrong');
  return { value, isSealed: true };
}

function sealOf(value: object): string {
  return checksum(Buffer.from(JSON.stringify(value)))
    .toString(16)
    .padStart(8, '0');
}
