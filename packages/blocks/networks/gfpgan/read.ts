import type { StateDict } from '@dualprior/core/nn';
import { lengthsOf, listed, type Reading } from '../reading.ts';
import { narrowSizesOf } from '../stylegan2/sizes-of.ts';

const DECODER = 'stylegan_decoder';

/** What a state dict tells of the GFP-GAN that it is of. */
export function readGfpGan(state: StateDict): Reading[] {
  const length = lengthsOf(state);
  const lowest = length(`${DECODER}.constant_input.weight`, 1);
  const styleWidth = length(`${DECODER}.style_mlp.1.weight`, 1);
  const higher = listed((level) => length(`${DECODER}.style_convs.${2 * level + 1}.modulated_conv.weight`, 1));
  if (lowest === undefined || styleWidth === undefined || higher.length === 0) return [];
  const isClean = state.has(`${DECODER}.style_conv1.bias`);
  const between = isClean ? 2 : 1; // plain layers have their activations between them
  const differentW = length('final_linear.weight', 0) !== styleWidth;
  const options = {
    architecture: isClean ? 'clean' : 'original',
    styleWidth,
    mappingLayers: listed((layer) => length(`${DECODER}.style_mlp.${between * layer + 1}.weight`, 0)).length,
    differentW,
    sftHalf: length('condition_scale.0.2.weight', 0) !== higher[0],
  };
  // With a w of each layer the mapping network is never used.
  const untold = differentW ? [] : ['inputIsLatent', ...(isClean ? [] : ['mappingRate'])];
  return narrowSizesOf([lowest, ...higher]).map((sizes) => ({ options: { ...options, ...sizes }, untold }));
}
