import { Type, type Static } from '@sinclair/typebox';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import {
  contextualOptions,
  formerContextual,
  PatchwiseContextual,
} from '../features/contextual/patchwise-contextual.ts';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({ ...contextualOptions, weight });

/** L_cx(target, prediction), patch by patch (Mechrez et al. 2018). */
@losses.component({
  type: 'contextual',
  description: 'pulls each feature to the nearest one of the target, at any position (Mechrez et al. 2018)',
  options: Options,
  about: ({ weight }) => ({ weight }),
  formerly: formerContextual,
})
export class ContextualLoss extends WeightedLoss {
  /** Name of its curve. */
  readonly label: string;
  readonly #contextual: PatchwiseContextual;

  constructor(options: Static<typeof Options>) {
    super(options);
    this.#contextual = new PatchwiseContextual(options);
    this.label = options.features.substitute ? 'contextual_substitute' : 'contextual';
  }

  get minimumSide(): number {
    return this.#contextual.minimumSide;
  }

  prepare(): Promise<void> {
    return this.#contextual.prepare();
  }

  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    return this.#contextual.compute(prediction, target)[0]!;
  }

  dispose(): void {
    this.#contextual.dispose();
  }
}
