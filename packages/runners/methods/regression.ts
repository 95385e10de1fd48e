import { Type, type Static } from '@sinclair/typebox';
import { isPriorRestorer, parameterCount } from '@dualprior/blocks/nn';
import { reference, UserError } from '@dualprior/core/nn';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { inSquares, padded } from '../inference/parts.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { asRestorer, type TrainedRestorer } from '../networks/restorer.ts';
import { methods, type Method } from './method.ts';

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'the restorer, e.g. `restore.regressor`' }),
  pad: Type.Optional(
    Type.Boolean({
      description: 'accept images of any size, by padding them with black at the right and bottom',
    }),
  ),
  squares: Type.Optional(
    Type.Integer({
      minimum: 8,
      maximum: 8192,
      description:
        'side of the overlapping squares that larger images are restored in, in pixels, as HINet is evaluated; default: images are restored whole',
    }),
  ),
});

/**
 * Restores with one regression network. Errors: `pad` or `squares` with a network that takes squares of one size only; squares that it does
 * not take.
 */
@methods.component({ type: 'regression', description: 'one regression network, one pass', options: Options })
export class RegressionMethod implements Method {
  readonly #network: TrainedRestorer;

  constructor(private readonly options: Static<typeof Options>) {
    this.#network = asRestorer(options.network);
    const { pad, squares } = options;
    const { reference, module } = this.#network;
    if (this.size !== undefined && (pad || squares !== undefined)) {
      const option = pad ? 'pad' : 'squares';
      throw new UserError(
        `regression: "${reference}" takes images of ${this.size}x${this.size} only, so \`${option}\` cannot help.`,
      );
    }
    if (squares !== undefined && squares % module.multiple !== 0) {
      throw new UserError(
        `regression: "${reference}" takes images whose sides are multiples of ${module.multiple}, but squares is ${squares}.`,
      );
    }
  }

  get parameters(): number {
    return parameterCount(this.#network.module);
  }

  get multiple(): number {
    return this.options.pad ? 1 : this.#network.module.multiple;
  }

  get stride(): number | undefined {
    return this.#network.module.stride;
  }

  get size(): number | undefined {
    const { module } = this.#network;
    return isPriorRestorer(module) ? module.size : undefined;
  }

  /** What is built around a generator makes what that was trained on: faces, aligned as FFHQ's. */
  get isForAlignedFaces(): boolean {
    return isPriorRestorer(this.#network.module);
  }

  restore(degraded: Tensor4D): Tensor4D {
    const { squares } = this.options;
    return squares === undefined ? this.#part(degraded) : inSquares(degraded, squares, (part) => this.#part(part));
  }

  #part(degraded: Tensor4D): Tensor4D {
    const restore = (images: Tensor4D) => this.#network.restore(images);
    return this.options.pad ? padded(degraded, this.#network.module.multiple, restore) : restore(degraded);
  }
}
