import { networks } from '@dualprior/blocks';
import { catalogue, UserError } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { firstModule, isFinite, type FoundModule } from './first-module.ts';

/** An image that holds NaN or infinity, which no file can. */
export class NotFiniteImage extends Error {
  /** @param index in its batch, or among the images that were restored together */
  constructor(readonly index: number) {
    super(`Image ${index} of the batch holds numbers that are not finite.`);
  }
}

/** What makes images, for the error that one of them is not finite. */
interface ImageMaker {
  /** For display: `The method "Ours"`. */
  readonly name: string;
  /** Name of an image, by the index of `NotFiniteImage`. */
  image(index: number): string;
  /** Makes it again, operation by operation. */
  again(index: number): readonly Tensor4D[];
}

/** What `make` returns. Errors: a `NotFiniteImage` becomes a `UserError` with the maker, the image and the first module that was not finite. */
export function finiteImages<T>(make: () => T, maker: ImageMaker): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof NotFiniteImage)) throw error;
    const { index } = error;
    const origin = tf.tidy(() => {
      const { result, module } = firstModule(() => maker.again(index));
      return describeOrigin(module, result.every(isFinite));
    });
    throw new UserError(
      `${maker.name} returns numbers that are not finite for ${maker.image(index)}: ${origin}.\n` +
        '  Its weights are damaged, or too large for this image: check the file that they come from, or train the network again.',
    );
  }
}

function describeOrigin(module: FoundModule | undefined, finiteAgain: boolean): string {
  if (module) return `${describeModule(module)} is the first module whose result is not finite`;
  if (finiteAgain) return 'but not when they are computed operation by operation (`runtime.compile: false`)';
  return 'the results of all modules are finite, but not what is made of them';
}

/** `` `middle.0` of nafnet ``. */
export function describeModule({ network, path }: FoundModule): string {
  const type = catalogue.typeOf(networks.name, network) ?? network.constructor.name;
  return path === '' ? type : `\`${path}\` of ${type}`;
}
