import type { Loss } from '@dualprior/blocks';
import type { Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedPriorRestorer } from '../../networks/prior-restorer.ts';
import { namedTerms } from '../common/loss-terms.ts';
import type { Pair } from '../training/training-plan.ts';
import type { Judge } from './judge.ts';

/** What its phases look at: a seed of what is random, and the restored images once there are some. */
export type RestorerGiven = Pair & { readonly seed: Tensor1D; readonly restored: Tensor4D };

/** Further terms by the names of their curves, of the smaller images that a restorer makes and of the restored one. */
export type MoreTerms = (auxiliary: readonly Tensor4D[], restored: Tensor4D) => Readonly<Record<string, Scalar>>;

interface RestorerObjective {
  readonly network: TrainedPriorRestorer;
  readonly judge: Judge;
  /** The loss of the restored image, with the judgement of its discriminator. */
  readonly loss: Loss;
  /** The loss of the face in it, if there is a face recognition network. */
  readonly identity: Loss | undefined;
}

/** What a restorer minimises, where it and its discriminator have their numbers. */
export function restorerLoss(
  { network, judge, loss, identity }: RestorerObjective,
  { degraded, sharp, seed }: Pick<RestorerGiven, 'degraded' | 'sharp' | 'seed'>,
  more?: MoreTerms,
): Differentiated<NamedTensorMap> {
  const { image: restored, auxiliary } = network.module.restore(degraded, seed);
  const main = namedTerms(loss, restored, sharp, { logits: judge.logits(restored, seed) });
  const others = {
    ...(identity && { loss_identity: identity.compute(restored, sharp) }),
    ...more?.(auxiliary, restored),
  };
  return { loss: tf.addN([main.loss, ...Object.values(others)]), seen: { ...main.seen, ...others, restored } };
}
