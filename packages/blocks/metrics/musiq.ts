import { weightsFileOption, weightsOnDisk } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import { SharedModule } from '../features/trunks/shared-module.ts';
import type { Image } from '../images/image.ts';
import { metrics, type Column, type NoReferenceMetric } from './metric.ts';
import { Musiq, OFFICIAL } from './musiq/network.ts';
import { patchesOf } from './musiq/patches.ts';

/** Scores that the published checkpoints were trained on: one number per image, or shares of 1 to 10. */
const CLASSES = { koniq10k: 1, spaq: 1, paq2piq: 1, ava: 10 };

/** Names that the file may have besides the network's. */
const NONE = /(?!)/;

const Options = Type.Object({
  scores: Type.Union([Type.Literal('koniq10k'), Type.Literal('spaq'), Type.Literal('paq2piq'), Type.Literal('ava')], {
    default: 'koniq10k',
    description: 'the data set whose scores the weights were trained on',
  }),
  weights: weightsFileOption({
    description:
      "weights for these scores in PyTorch's form, .pth or .safetensors with pyiqa's names (musiq_koniq_ckpt-e95806b9.pth), or the name of published ones",
  }),
});

/**
 * MUSIQ (Ke et al. 2021, "MUSIQ: Multi-Scale Image Quality Transformer") of the restored image alone, as pyiqa computes it: in the column `musiq` by the scores of
 * KonIQ-10k, by others `musiq_NAME`. Higher is better: 0 to 100, for `ava` 1 to 10.
 */
@metrics.component({
  type: 'musiq',
  description: 'quality of the restored image by a transformer; needs no sharp one (Ke et al. 2021)',
  options: Options,
})
export class MusiqMetric implements NoReferenceMetric {
  static readonly possibleColumns = (Object.keys(CLASSES) as (keyof typeof CLASSES)[]).map(columnOf);
  readonly columns: readonly Column[];
  readonly #network: SharedModule<Musiq>;

  /** Errors: `UserError` if there is no such file. */
  constructor({ scores, weights }: Static<typeof Options>) {
    this.columns = [{ name: columnOf(scores), better: 'higher', digits: 2 }];
    const shape = { ...OFFICIAL, classes: CLASSES[scores] };
    this.#network = new SharedModule(`MUSIQ of ${shape.classes} ${weightsOnDisk.key(weights)}`, async () => {
      const module = new Musiq(shape);
      return { module, state: weightsOnDisk.read(weights, module, `MUSIQ for the scores of ${scores}`, NONE) };
    });
  }

  /** Errors: `UserError` for a file that is damaged or holds something else. */
  prepare(): Promise<void> {
    return this.#network.prepare();
  }

  rate(image: Image): number[] {
    return tf.tidy(() => this.#network.use((network) => [...network.score(patchesOf(image)).dataSync()]));
  }

  dispose(): void {
    this.#network.dispose();
  }
}

function columnOf(scores: keyof typeof CLASSES): string {
  return scores === 'koniq10k' ? 'musiq' : `musiq_${scores}`;
}
