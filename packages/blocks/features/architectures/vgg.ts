import { convolution, maxPool, relu, sequence, type Step } from '../trunks/sequence.ts';
import type { Trunk } from '../trunks/trunk.ts';

/** 3x3 convolutions of each of the five blocks. */
const BLOCKS = { vgg16: [2, 2, 3, 3, 3], vgg19: [2, 2, 4, 4, 4] } as const;
const WIDTHS = [64, 128, 256, 512, 512];

/**
 * VGG without batch normalisation (Simonyan and Zisserman 2015), torchvision/models/vgg.py, configurations D and E. Layers are
 * named `conv3_4`, `relu3_4`, `pool3`: block, and place in the block.
 * @param pool what halves images after each block
 */
export function vgg(type: keyof typeof BLOCKS, pool: (name: string) => Step = maxPoolOf2): Trunk {
  const steps = BLOCKS[type].flatMap((depth, block): Step[] => [
    ...Array.from({ length: depth }, (_, i) => {
      const inputs = i === 0 ? (WIDTHS[block - 1] ?? 3) : WIDTHS[block]!;
      const place = `${block + 1}_${i + 1}`;
      return [convolution(`conv${place}`, inputs, WIDTHS[block]!, 3, { padding: 1 }), relu(`relu${place}`)];
    }).flat(),
    pool(`pool${block + 1}`),
  ]);
  return sequence(type, steps);
}

function maxPoolOf2(name: string): Step {
  return maxPool(name, { kernel: 2, stride: 2 });
}
