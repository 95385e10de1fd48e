import { isDiscriminator, isGenerator, type Discriminator, type Generator } from '@dualprior/blocks/nn';
import { ConfigError, UserError, parseNetworkReference } from '@dualprior/core/nn';
import type { TrainedNetwork } from './trained-network.ts';

export type TrainedGenerator = TrainedNetwork<Generator>;
export type TrainedDiscriminator = TrainedNetwork<Discriminator>;

/** Errors: the network is not one that makes images of latents. */
export function asGenerator(network: TrainedNetwork): TrainedGenerator {
  if (isGenerator(network.module)) return network as TrainedGenerator;
  throw new UserError(`The network "${network.reference}" makes no images of latents, so it cannot be the generator.`);
}

/** Errors: the network is not one that tells real images from generated ones. */
export function asDiscriminator(network: TrainedNetwork): TrainedDiscriminator {
  if (isDiscriminator(network.module)) return network as TrainedDiscriminator;
  throw new UserError(`The network "${network.reference}" gives images no score, so it cannot be the discriminator.`);
}

/** A network that makes images of one size. */
type Maker = Pick<TrainedNetwork, 'reference'> & { readonly module: { readonly size: number } };

/** Errors: the generator's images are not of the size that the discriminator takes. */
export function checkOneSize(generator: Maker, discriminator: TrainedDiscriminator): void {
  const [made, seen] = [generator.module.size, discriminator.module.size];
  if (made === seen) return;
  const [maker, judge] = [generator, discriminator].map(({ reference }) => parseNetworkReference(reference).network);
  const message =
    `"${maker}" makes images of ${made}x${made}, but "${judge}" takes ${seen}x${seen}. ` + 'Give both one `size`.';
  const place = discriminator.origin?.('size');
  throw new ConfigError([{ place, message, found: String(seen), allowed: String(made) }]);
}

/** Errors: a batch of this size cannot be divided into the groups of the discriminator. */
export function checkGroups({ reference, module }: TrainedDiscriminator, batch: number): void {
  const { group } = module;
  if (batch <= group || batch % group === 0) return;
  throw new UserError(
    `A batch of ${batch} images cannot be divided into groups of ${group}, over which "${reference}" takes the minibatch ` +
      `standard deviation: give \`batch.size\` a multiple of ${group}, e.g. ${batch - (batch % group)}, or the discriminator another \`stddevGroup\`.`,
  );
}
