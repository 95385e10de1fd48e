/** Values that come from the names of tensors (GOLDENS.md, section 1): weights and inputs too large to be stored. */

const GOLDEN_RATIO = 0x9e3779b9;

/** 32-bit FNV-1a hash of the UTF-8 bytes. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The finaliser of MurmurHash3. */
function mix32(word: number): number {
  let h = word;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/** The first `count` values of a key, in [-1, 1), each a multiple of 2^-23. */
export function formulaValues(key: string, count: number): Float64Array {
  const seed = fnv1a32(key);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = ((mix32((seed + Math.imul(i, GOLDEN_RATIO)) | 0) >>> 8) / 2 ** 24) * 2 - 1;
  }
  return values;
}
