import type { StateDict } from '@dualprior/core/nn';
import { lengthsOf, listed, type Reading } from '../reading.ts';

/** The official last level with half instance normalisation, also of networks of fewer levels. */
const OFFICIAL_RIGHT = 4;

/** What a state dict tells of the HINet that it is of. */
export function readHiNet(state: StateDict): Reading[] {
  const length = lengthsOf(state);
  const [width, imageChannels] = [length('conv_01.weight', 0), length('conv_01.weight', 1)];
  if (width === undefined || !state.has('sam12.conv1.weight')) return [];
  const levels = listed((level) => length(`down_path_1.${level}.conv_1.weight`, 0)).map((_, level) => level);
  const normalised = levels.filter((level) => state.has(`down_path_1.${level}.norm.weight`));
  const [left = 0, right = -1] = [normalised[0], normalised.at(-1)];
  return [
    {
      options: {
        width,
        depth: levels.length,
        hinPositionLeft: left,
        hinPositionRight: right === levels.length - 1 ? Math.max(right, OFFICIAL_RIGHT) : right,
        imageChannels,
      },
      untold: ['reluSlope'],
    },
  ];
}
