import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toUnit } from '@dualprior/blocks';
import { makeFolder, statelessNormal, type Journal } from '@dualprior/core';
import { Type } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedGenerator } from '../../networks/gan-networks.ts';
import { imagesMadeBy } from '../../inference/images.ts';
import { finiteImages } from '../../inference/not-finite-image.ts';
import { contactSheet } from '../../inference/sheet.ts';
import type { StageContext } from '../stage.ts';
import type { PeriodicValidation } from '../training/training-loop.ts';

/** Always the same latents, so that faces can be followed from grid to grid. */
const SEED = [0, 4];

export const samplesOption = Type.Object(
  {
    every: Type.Integer({ minimum: 1, default: 1000, description: 'iterations between grids of samples' }),
    count: Type.Integer({ minimum: 1, maximum: 256, default: 36, description: 'images of a grid' }),
  },
  { default: {}, additionalProperties: false, 'x-identity': false },
);

/** A square grid of images of fixed latents, by the average of a generator and with its stored noise. It ranks nothing: it is looked at. */
export class SampleGrid implements PeriodicValidation {
  readonly every: number;
  readonly ranking = undefined;

  constructor(
    private readonly options: { readonly every: number; readonly count: number },
    private readonly generator: TrainedGenerator,
    private readonly average: Tensor1D,
    private readonly context: Pick<StageContext, 'name' | 'folder'>,
  ) {
    this.every = options.every;
  }

  async begin(journal: Journal): Promise<void> {
    await this.run(0, journal);
  }

  async run(iterations: number, journal: Journal): Promise<undefined> {
    const { count } = this.options;
    const images = finiteImages(() => imagesMadeBy(() => this.#synthesize()), {
      name: `The average of "${this.generator.reference}" in stage "${this.context.name}"`,
      image: (i) => `sample ${i}`,
      again: () => [this.#synthesize()],
    });
    const columns = Math.ceil(Math.sqrt(count));
    const rows = Array.from({ length: Math.ceil(count / columns) }, (_, r) =>
      images.slice(r * columns, (r + 1) * columns),
    );
    const samples = join(this.context.folder, 'samples');
    makeFolder(samples);
    const file = join(samples, `${String(iterations).padStart(7, '0')}.png`);
    writeFileSync(file, await contactSheet(rows));
    journal.image('samples', file, iterations);
  }

  #synthesize(): Tensor4D {
    const { module, parameters } = this.generator;
    const z = statelessNormal<Tensor2D>([this.options.count, module.styleWidth], tf.tensor1d(SEED, 'int32'));
    return toUnit(parameters.use(() => module.synthesize(module.map(z)), this.average));
  }
}
