import type { StateDict } from '@dualprior/core/nn';
import { lengthsOf, listed, type Reading } from '../reading.ts';
import { narrowSizesOf } from '../stylegan2/sizes-of.ts';

/** What a state dict tells of the GPEN that it is of. */
export function readGpen(state: StateDict): Reading[] {
  const length = lengthsOf(state);
  const lowest = length('generator.input.input', 1);
  const styleWidth = length('generator.style.1.weight', 1);
  if (lowest === undefined || styleWidth === undefined || !state.has('ecd0.0.0.weight')) return [];
  const higher = listed((level) => length(`generator.convs.${2 * level + 1}.conv.weight`, 1));
  const options = {
    styleWidth,
    mappingLayers: listed((layer) => length(`generator.style.${layer + 1}.weight`, 0)).length,
    isconcat: length('generator.conv1.activate.bias', 0) !== lowest,
  };
  return narrowSizesOf([lowest, ...higher]).map((sizes) => ({
    options: { ...options, ...sizes },
    untold: ['mappingRate'],
  }));
}
