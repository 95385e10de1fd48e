import type { FileBytes } from './metadata.ts';

const ORIENTATION = 0x0112;
const [SHORT, UPRIGHT] = [3, 1];

/**
 * EXIF (2.3) of a photograph that was turned upright: its orientation says so, and it has no thumbnail, which would show the photograph as it was.
 * Undefined for EXIF that is damaged.
 */
export function uprightExif(exif: FileBytes): FileBytes | undefined {
  const copy = exif.slice();
  const view = new DataView(copy.buffer);
  try {
    const isLittle = view.getUint16(0) === 0x4949; // "II", else "MM"
    if (view.getUint16(2, isLittle) !== 42) return undefined;
    const begin = view.getUint32(4, isLittle);
    const count = view.getUint16(begin, isLittle);
    const end = begin + 2 + 12 * count;
    for (let at = begin + 2; at < end; at += 12) {
      if (view.getUint16(at, isLittle) !== ORIENTATION) continue;
      view.setUint16(at + 2, SHORT, isLittle);
      view.setUint32(at + 4, 1, isLittle);
      view.setUint16(at + 8, UPRIGHT, isLittle);
    }
    view.setUint32(end, 0, isLittle); // where the directory of the thumbnail begins
    return copy;
  } catch {
    return undefined; // a place outside
  }
}
