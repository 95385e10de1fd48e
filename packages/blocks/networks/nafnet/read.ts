import type { StateDict } from '@dualprior/core/nn';
import { lengthsOf, listed, type Reading } from '../reading.ts';

const BLOCK = /^(encoders\.\d+\.\d+|middle_blks\.\d+|decoders\.\d+\.\d+)\.conv1\.weight$/;

/** What a state dict tells of the NAFNet that it is of. */
export function readNafNet(state: StateDict): Reading[] {
  const length = lengthsOf(state);
  const [width, imageChannels] = [length('intro.weight', 0), length('intro.weight', 1)];
  if (width === undefined || imageChannels === undefined || !state.has('ending.weight')) return [];
  const blocks = (list: string) => listed((i) => length(`${list}.${i}.conv1.weight`, 0)).length;
  const levels = listed((level) => length(`downs.${level}.weight`, 0)).map((_, level) => level);
  return [
    {
      options: {
        width,
        encoderBlocks: levels.map((level) => blocks(`encoders.${level}`)),
        middleBlocks: blocks('middle_blks'),
        decoderBlocks: levels.map((level) => blocks(`decoders.${level}`)),
        imageChannels,
        ...expansions(state),
      },
      untold: ['local'],
    },
  ];
}

/** Reads the expansion factors off any block; a network without blocks has none. */
function expansions(state: StateDict): object {
  const length = lengthsOf(state);
  const block = [...state.keys()].flatMap((name) => BLOCK.exec(name)?.[1] ?? [])[0];
  if (block === undefined) return {};
  const expansion = (layer: string) => {
    const [outputs, inputs] = [0, 1].map((axis) => length(`${block}.${layer}.weight`, axis));
    return outputs! / inputs!;
  };
  return { depthwiseExpansion: expansion('conv1'), ffnExpansion: expansion('conv4') };
}
