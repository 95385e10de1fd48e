import { networks, type Network } from '@dualprior/blocks';
import { catalogue, type SpecWithOptions } from '@dualprior/core';

/** What the weights are for. */
export const SPEC: SpecWithOptions = {
  type: 'nafnet',
  width: 4,
  encoderBlocks: [1],
  middleBlocks: 1,
  decoderBlocks: [1],
  imageChannels: 3,
  depthwiseExpansion: 2,
  ffnExpansion: 2,
};

export function createNetwork({ type, ...options }: SpecWithOptions = SPEC): Network {
  return new (catalogue.find(networks.name, type)!.create)(options) as Network;
}
