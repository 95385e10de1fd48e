import { absolute } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { FACIAL_PARTS, type PerFacialPart } from '../../faces/facial-parts.ts';
import type { ComponentDiscriminator, ComponentJudgement } from '../../networks/component-discriminator.ts';
import { gram } from '../perceptual.ts';
import { discriminatorLoss, logistic } from './adversarial-loss.ts';

/** What a restorer pays for the parts of its faces. */
interface FacialComponentTerms {
  /** Sum over the parts of mean softplus(-D(part)). */
  readonly adversarial: Scalar;
  /** Sum over the parts of 0.5 mean |Gram(f1) - Gram(f1')| + mean |Gram(f2) - Gram(f2')|. */
  readonly style: Scalar;
}

/**
 * The restorer's side of GFP-GAN's losses of the parts of the face, without factors: officially 1 and 200 (Wang et al. 2021;
 * GFPGAN:gfpgan/models/gfpgan_model.py). The discriminators have values (`Parameters.use`).
 *
 * @param restored, sharp the parts, as `facialRegions` gives them
 */
export function facialComponentTerms(
  discriminators: PerFacialPart<ComponentDiscriminator>,
  restored: PerFacialPart<Tensor4D>,
  sharp: PerFacialPart<Tensor4D>,
): FacialComponentTerms {
  const judged = FACIAL_PARTS.map((part) =>
    [restored, sharp].map((images) => discriminators[part].judge(images[part])),
  ) as [ComponentJudgement, ComponentJudgement][];
  return {
    adversarial: tf.addN(judged.map(([ours]) => logistic.generator(ours.logits))),
    style: tf.addN(judged.map(([ours, theirs]) => styleDifference(ours, theirs))),
  };
}

/** What the discriminator of a part minimises: low where it tells the sharp one from the restored one. */
export function facialComponentLoss(
  discriminator: ComponentDiscriminator,
  restored: Tensor4D,
  sharp: Tensor4D,
): Scalar {
  const [fake, real] = [restored, sharp].map((image) => discriminator.judge(image).logits);
  return discriminatorLoss(logistic, real!, fake!);
}

function styleDifference(ours: ComponentJudgement, theirs: ComponentJudgement): Scalar {
  const [shallow, deep] = ours.features.map((features, i) =>
    tf.mean<Scalar>(absolute(tf.sub(gram(features), gram(theirs.features[i]!)))),
  );
  return tf.add(tf.mul<Scalar>(0.5, shallow!), deep!);
}
