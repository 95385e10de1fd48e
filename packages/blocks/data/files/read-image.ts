import { decode } from '../../images/decode.ts';
import type { Image } from '../../images/image.ts';
import { damageOf } from './damage.ts';
import { UnreadableImage } from './unreadable.ts';

/** The image in a file; with `size`, its middle square of this side. Errors: `UnreadableImage`. */
export async function readImage(file: string, size: number | undefined): Promise<Image> {
  try {
    return await decode(file, size);
  } catch (error) {
    throw new UnreadableImage(file, damageOf(file, error as Error), false);
  }
}
