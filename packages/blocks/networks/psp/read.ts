import type { StateDict } from '@dualprior/core/nn';
import { lengthsOf, listed, type Reading } from '../reading.ts';

/** What a state dict tells of pSp's encoder that it is of. */
export function readPspEncoder(state: StateDict): Reading[] {
  const length = lengthsOf(state);
  const [width, imageChannels] = [length('input_layer.0.weight', 0), length('input_layer.0.weight', 1)];
  const widths = listed((style) => length(`styles.${style}.linear.weight`, 0));
  if (width === undefined || widths.length === 0) return [];
  const mode = state.has('body.0.res_layer.5.fc1.weight') ? 'ir_se' : 'ir';
  return [{ options: { styles: widths.length, styleWidth: widths[0], width, mode, imageChannels }, untold: [] }];
}
