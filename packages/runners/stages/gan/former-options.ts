import { withOptions, type ComponentSpec } from '@dualprior/core';

/** What `adversarial` was, by the types of `loss` and `discriminatorLoss`. */
const ADVERSARIAL: Readonly<Record<string, string>> = {
  'gan-nonsaturating gan-logistic': 'vanilla',
  'gan-wasserstein gan-hinge-discriminator': 'hinge',
  'gan-wasserstein gan-wasserstein-discriminator': 'wgan',
  'gan-least-squares gan-least-squares-discriminator': 'lsgan',
};

/** The options of a `gan` by the names that hashes know. */
export function formerOptions(
  { diffAugment, ...counted }: Readonly<Record<string, unknown>>,
  options: object,
): Record<string, unknown> {
  const { loss, discriminatorLoss } = options as Record<'loss' | 'discriminatorLoss', ComponentSpec>;
  const plain = [loss, discriminatorLoss].every((spec) => withOptions(spec)['weight'] === 1);
  const adversarial = plain ? ADVERSARIAL[`${loss.type} ${discriminatorLoss.type}`] : undefined;
  const former = { ...counted, augmentation: diffAugment };
  return adversarial === undefined ? former : { ...former, loss: undefined, discriminatorLoss: undefined, adversarial };
}
