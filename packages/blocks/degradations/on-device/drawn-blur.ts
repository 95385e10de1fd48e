import type { Stream } from '@dualprior/core';
import type { Image, Size, Window } from '../../images/image.ts';

/** The degradation of one image, drawn and ready to be computed on a device (`blurOnDevice`). The size is that of the degraded image. */
export interface DrawnBlur extends Size {
  /**
   * The pixels that the kernel reaches, those of the degraded image and half a kernel around them: HWC, 0 .. 255. Where `isLight`, the light that
   * made them, in proportion, which may be brighter than 255.
   */
  readonly around: Float32Array;
  /** A blur kernel of odd side: rows. */
  readonly kernel: { readonly side: number; readonly weights: Float32Array };
  /** Gaussian noise after the blur, in levels of 8 bits, and the seed from which it follows; undefined: none. */
  readonly noise: { readonly deviation: number; readonly seed: readonly [number, number] } | undefined;
  /** Whether light is blurred, and clipped afterwards, rather than pixel values. */
  readonly isLight: boolean;
  /** Whether the result is rounded to 8 bits. */
  readonly quantize: boolean;
}

/** Draws what `Degrade` draws, for a device: the same kernel from the same stream, but noise of another generator. */
export type DrawBlur = (sharp: Image, stream: Stream, window?: Window) => DrawnBlur;
