import { Random, type Stream } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { datasets, SHARP } from '../../../packages/blocks/data/dataset.ts';
import {
  SourceDataset,
  sourceFacts,
  sourceOptions,
  type ImageSource,
} from '../../../packages/blocks/data/sources/source.ts';
import type { Image, Size } from '../../../packages/blocks/images/image.ts';

const Options = Type.Object({
  size: Type.Integer({ minimum: 8, maximum: 2048, default: 64, description: 'side of the square images, in pixels' }),
  ...sourceOptions,
});

/** Checkerboards of two random colours, endless and seeded. TODO: where your images come from, and their licence. */
@datasets.component({
  type: 'my-dataset',
  description: 'checkerboards, endless and seeded',
  options: Options,
  about: ({ size, ...options }) => ({ files: [], source: { seed: options.seed }, size, ...sourceFacts(options) }),
  part: (name, { degradation, ...sharp }) => (name === SHARP ? sharp : { ...sharp, degradation }),
})
export class MyDataset extends SourceDataset {
  constructor(options: Static<typeof Options>) {
    super(new Checkerboards(options.size, new Random(options.seed)), options);
  }
}

/** Image i is a pure function of the seed and i. */
class Checkerboards implements ImageSource {
  readonly count = Infinity;
  readonly label = 'checkerboards';

  constructor(
    readonly side: number,
    readonly random: Random,
  ) {}

  name(index: number): string {
    return `checkerboard-${index}`;
  }

  size(): Size {
    return { width: this.side, height: this.side };
  }

  async prepare(): Promise<void> {}

  async read(index: number): Promise<Image> {
    const { side } = this;
    const stream = this.random.stream('checkerboard', index);
    const [field, colours] = [1 + stream.integer(side), [colour(stream), colour(stream)]];
    const data = new Uint8Array(side * side * 3);
    for (let i = 0; i < side * side; i++) {
      const [x, y] = [Math.floor((i % side) / field), Math.floor(i / side / field)];
      data.set(colours[(x + y) % 2]!, 3 * i);
    }
    return { width: side, height: side, data };
  }
}

function colour(stream: Stream): number[] {
  return [stream.integer(256), stream.integer(256), stream.integer(256)];
}
