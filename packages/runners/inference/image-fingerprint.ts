import { createHash } from 'node:crypto';
import type { Image } from '@dualprior/blocks';

/** Equal for images of equal pixels. */
export function imageFingerprint({ width, height, data }: Image): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash('sha256').update(`${width}x${height}`).update(bytes).digest('hex').slice(0, 16);
}
