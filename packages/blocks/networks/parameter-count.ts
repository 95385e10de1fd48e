import type { Module } from '@dualprior/core/nn';
import { FixedParameter } from './gfpgan/fixed.ts';

/**
 * Count of the numbers that a network has learnt: its parameters, also those that stay as another network has learnt them (GFP-GAN's
 * decoder); statistics of batch normalisation, noise and the mean latent are none.
 */
export function parameterCount(module: Module): number {
  const fixed = [...module.buffers().values()].filter((buffer) => buffer instanceof FixedParameter);
  return [...module.parameters().values(), ...fixed].reduce((sum, { size }) => sum + size, 0);
}
