import type { StateDict } from '@dualprior/core/nn';
import { lengthsOf, listed, type Reading } from '../reading.ts';
import { sizesOf } from './sizes-of.ts';

/** What a state dict tells of the generator that it is of. */
export function readGenerator(state: StateDict): Reading[] {
  const length = lengthsOf(state);
  const lowest = length('input.input', 1);
  const styleWidth = length('style.1.weight', 1);
  if (lowest === undefined || styleWidth === undefined) return [];
  const higher = listed((level) => length(`convs.${2 * level + 1}.conv.weight`, 1));
  const mappingLayers = listed((layer) => length(`style.${layer + 1}.weight`, 0)).length;
  const untold = ['mappingRate', 'convClamp'];
  return sizesOf([lowest, ...higher]).map((sizes) => ({ options: { ...sizes, styleWidth, mappingLayers }, untold }));
}

/** The same of the discriminator. */
export function readDiscriminator(state: StateDict): Reading[] {
  const length = lengthsOf(state);
  const lowest = length('final_linear.1.weight', 1);
  if (lowest === undefined) return [];
  const descending = listed((block) => length(`convs.${block + 1}.conv1.0.weight`, 0));
  const plain = state.has('from_rgbs.0.0.weight') ? 'skip' : 'orig';
  const architecture = state.has('convs.1.skip.1.weight') ? {} : { architecture: plain };
  const untold = ['stddevGroup', 'convClamp'];
  return sizesOf([lowest, ...descending.reverse()]).map((sizes) => ({
    options: { ...sizes, ...architecture },
    untold,
  }));
}
