import { catalogue, UserError, type Differentiated } from '@dualprior/core';
import { losses, type Loss, type LossContext } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor4D } from '@tensorflow/tfjs-core';

/** The loss and, where it is a sum, its terms by the names of their curves: `loss_l1`. */
export function namedTerms(
  loss: Loss,
  prediction: Tensor4D,
  target: Tensor4D,
  context?: LossContext,
): Differentiated<NamedTensorMap> {
  if (!loss.terms) return { loss: loss.compute(prediction, target, context), seen: {} };
  const terms = [...loss.terms(prediction, target, context)];
  const seen = Object.fromEntries(terms.map(([name, value]) => [`loss_${name}`, value]));
  return { loss: tf.addN(terms.map(([, value]) => value)) as Scalar, seen };
}

/** The numbers of scalar tensors. */
export function numbersOf(scalars: NamedTensorMap): Record<string, number> {
  return Object.fromEntries(Object.entries(scalars).map(([name, scalar]) => [name, scalar.dataSync()[0]!]));
}

const WORDS: Readonly<Record<keyof LossContext, string>> = {
  logits: "the discriminator's logits of the prediction",
  targetLogits: "the discriminator's logits of the target",
  regressed: "the regression network's image",
  inverted: "the inverted prior's image",
};

/** Errors: the loss needs what this stage does not have, or weights that it was not given. */
export function refuseNeeds(loss: Loss, given: readonly (keyof LossContext)[]): void {
  if (loss.absent !== undefined) throw new UserError(`${loss.absent}. Give them, or leave the loss out.`);
  const lacking = (loss.needs ?? []).filter((need) => !given.includes(need));
  if (lacking.length === 0) return;
  throw new UserError(
    `the loss "${catalogue.typeOf(losses.name, loss)}" needs ${lacking.map((need) => WORDS[need]).join(' and ')}, ` +
      'which this stage does not have.',
  );
}
