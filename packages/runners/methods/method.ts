import { Kind } from '@dualprior/core/nn';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Several images of each image of a batch, by name. */
export interface MethodViews {
  readonly names: readonly string[];
  /** In the order of the names; batches and purity as `Method.restore`. */
  make(degraded: Tensor4D): readonly Tensor4D[];
}

/** A way to restore images: one row of the table. */
export interface Method {
  /** Restores a batch: NHWC in [0, 1]. The caller wraps it in `tf.tidy`, or compiles it: a pure function of tensors and variables. */
  restore(degraded: Tensor4D): Tensor4D;
  /** The number of learned parameters of its networks (`parameterCount`). */
  readonly parameters: number;
  /** Image sides must be multiples of this. */
  readonly multiple: number;
  /** Parts of an image that begin at multiples of this are restored as in the whole image (`Restorer.stride`). Default: `multiple`. */
  readonly stride?: number | undefined;
  /** Side of the squares that it takes, where it takes nothing else. */
  readonly size?: number | undefined;
  /** Whether it restores aligned faces of this `size` and nothing else, so that they are found and cut out of whole photographs (`yarn restore`). */
  readonly isForAlignedFaces?: boolean | undefined;
  /** Images on the way to the result, for figures; the result is the last one. */
  readonly views?: MethodViews | undefined;
}

export const methods = new Kind<Method>('method');
