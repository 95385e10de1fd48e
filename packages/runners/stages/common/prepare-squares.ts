import type { Dataset, Loss } from '@dualprior/blocks';
import { checkPairs, checkExactSize, checkLeastSide } from '../../inference/image-sizes.ts';

/**
 * Makes the images of a stage ready whose generator makes images of one size only.
 * Errors: images that are not degraded, not squares of this side, or too small for the loss.
 */
export async function prepareSquares(
  generator: string,
  side: number,
  {
    data,
    validation,
    loss,
  }: { readonly data: Dataset; readonly validation?: Dataset | undefined; readonly loss: Loss },
): Promise<void> {
  for (const [images, which] of [
    [data, 'of the training images'],
    [validation, 'of the validation images'],
  ] as const) {
    if (!images) continue;
    await images.prepare();
    checkPairs(images, which);
    checkExactSize(generator, side, images, which);
  }
  checkLeastSide('The loss', loss.minimumSide, data, 'of the training images');
}
