import { weightsFileOption, weightsOnDisk } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { vgg } from '../features/architectures/vgg.ts';
import { DistsWeights, distsDistances } from '../features/dists/dists-distance.ts';
import { l2Pool } from '../features/dists/l2-pool.ts';
import { SharedModule } from '../features/trunks/shared-module.ts';
import type { Trunk } from '../features/trunks/trunk.ts';
import type { Image } from '../images/image.ts';
import { metrics, type ImageMetric } from './metric.ts';
import { PairStep } from './pairs/pair-step.ts';

const Options = Type.Object({
  trunk: weightsFileOption({
    description:
      'official weights of VGG-16, .pth or .safetensors with the official names (torchvision: vgg16-397923af.pth), or the name of published ones',
  }),
  weights: weightsFileOption({
    description:
      'alpha and beta: `weights.pt` of the official release (https://github.com/dingkeyan93/DISTS), or the name of published ones',
  }),
});

const LAYERS = ['relu1_2', 'relu2_2', 'relu3_3', 'relu4_3', 'relu5_3'];

/**
 * DISTS (Ding et al. 2020) in the column `dists`, as its official package computes it: of VGG-16 whose pooling takes the root of means of squares. Images are
 * compared at their own size, where the authors' examples shrink large ones to 256 pixels first. Errors: `UserError` for images of different sizes.
 */
@metrics.component({
  type: 'dists',
  description: 'structure and texture similarity of deep features (Ding et al. 2020)',
  options: Options,
})
export class DistsMetric implements ImageMetric {
  static readonly possibleColumns = ['dists'];
  readonly columns = [{ name: 'dists', better: 'lower', digits: 4 }] as const;
  readonly #trunk: SharedModule<Trunk>;
  readonly #weights: SharedModule<DistsWeights>;
  readonly #step = new PairStep((restored, sharp) => this.#distances(restored, sharp));

  /** Errors: `UserError` if there are no such files. */
  constructor({ trunk, weights }: Static<typeof Options>) {
    this.#trunk = new SharedModule(`VGG-16 of DISTS ${weightsOnDisk.key(trunk)}`, async () => {
      const module = vgg('vgg16', l2Pool);
      return { module, state: weightsOnDisk.read(trunk, module, "DISTS's VGG-16 (option `trunk`)", /^classifier\./) };
    });
    this.#weights = new SharedModule(`DISTS ${weightsOnDisk.key(weights)}`, async () => {
      const module = new DistsWeights();
      return {
        module,
        state: weightsOnDisk.read(
          weights,
          module,
          "DISTS's alpha and beta (option `weights`)",
          /^stage\d\.|^(mean|std)$/,
        ),
      };
    });
  }

  /** Errors: `UserError` for a file that is damaged or holds something else. */
  async prepare(): Promise<void> {
    await this.#trunk.prepare();
    await this.#weights.prepare();
    this.#step.prepare();
  }

  measure(restored: Image, sharp: Image): number[] {
    return [this.#step.of(restored, sharp)];
  }

  dispose(): void {
    this.#step.dispose();
    this.#trunk.dispose();
    this.#weights.dispose();
  }

  #distances(restored: Tensor4D, sharp: Tensor4D): Tensor1D {
    const [ours, theirs] = [restored, sharp].map((image) => [
      image,
      ...this.#trunk.use((trunk) => trunk.taps(image, LAYERS)),
    ]);
    return this.#weights.use((weights) => distsDistances(ours!, theirs!, weights));
  }
}
