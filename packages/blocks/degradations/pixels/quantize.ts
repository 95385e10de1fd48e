import { Type } from '@sinclair/typebox';
import type { Image } from '../../images/image.ts';
import { rounded } from './bytes.ts';

export const quantizeOption = Type.Boolean({ default: true, description: 'round to 8 bits, as a file would' });

/** The image with 8 bits, or as it is. */
export function quantized(image: Image, quantize: boolean): Image {
  return quantize ? { ...image, data: rounded(image.data) } : image;
}
