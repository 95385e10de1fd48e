import { Kind, type ComponentSpec } from '@dualprior/core/nn';
import { Type } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/** What a stage can give a loss besides prediction and target. */
export interface LossContext {
  /** The discriminator's logits of the prediction. */
  readonly logits?: Tensor;
  /** The discriminator's logits of the target: where the discriminator itself is trained. */
  readonly targetLogits?: Tensor;
  /** x_R, the regression network's image, NHWC in [0, 1]. */
  readonly regressed?: Tensor4D;
  /** x_G, the image of the inverted prior, NHWC in [0, 1]. */
  readonly inverted?: Tensor4D;
}

/** A loss between images: NHWC in [0, 1], of equal shapes. Pure, so that a step can be compiled. */
export interface Loss {
  /** Name of its curve where it is a term of a sum; by default its type. */
  readonly label?: string;
  /** Smallest side of the images that it compares; any if absent. */
  readonly minimumSide?: number;
  /** What it needs of the context; a stage that cannot give it refuses the loss before anything runs. */
  readonly needs?: readonly (keyof LossContext)[];
  /**
   * Why it cannot be computed, where nothing is wrong with that: a stage that can do without it says so and leaves it out. Everywhere
   * else `prepare` is an error then.
   */
  readonly absent?: string | undefined;
  /** The value, its weight included. */
  compute(prediction: Tensor4D, target: Tensor4D, context?: LossContext): Scalar;
  /** For a loss that is a sum: the values of its terms, by the names of their curves. */
  terms?(prediction: Tensor4D, target: Tensor4D, context?: LossContext): ReadonlyMap<string, Scalar>;
  /** Makes ready what needs the disk (weights). May be called again. */
  prepare?(): Promise<void>;
  /** Frees what `prepare` made. */
  dispose?(): void;
}

/** The option by which every loss is weighted, alone or as a term of a sum. */
export const weight = Type.Number({ minimum: 0, default: 1, description: 'factor of the loss' });

/** A loss that is a formula times its `weight`. */
export abstract class WeightedLoss implements Loss {
  readonly #weight: number;

  constructor({ weight }: { readonly weight: number }) {
    this.#weight = weight;
  }

  compute(prediction: Tensor4D, target: Tensor4D, context?: LossContext): Scalar {
    return tf.mul(this.#weight, this.formula(prediction, target, context));
  }

  protected abstract formula(prediction: Tensor4D, target: Tensor4D, context?: LossContext): Scalar;
}

/** What the options of a loss say (`Declaration.about`). */
export interface LossFacts {
  /** Its factor; 1 for a sum, whose terms have theirs. */
  readonly weight: number;
  /** Factors of its parts, by the symbols of the paper: `lambda_cxR`. */
  readonly lambdas?: Readonly<Record<string, number>>;
  /** The losses that it is the sum of. */
  readonly terms?: readonly ComponentSpec[];
  /** Whether it will be `Loss.absent`; default false. */
  readonly absent?: boolean;
}

export const losses = new Kind<Loss, LossFacts>('loss');

/** The losses that a loss is the sum of, also those of sums within it; itself where it is no sum. */
export function termsOf(loss: ComponentSpec): readonly ComponentSpec[] {
  return losses.about(loss).terms?.flatMap(termsOf) ?? [loss];
}
