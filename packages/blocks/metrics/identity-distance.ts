import { UserError } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { similarities } from '../features/arcface/face-network.ts';
import { FACE_ARCHITECTURES } from '../features/arcface/face-networks.ts';
import { features, type FaceVectors, type FeatureExtractor } from '../features/feature-extractor.ts';
import type { Image } from '../images/image.ts';
import { metrics, type Column, type ImageMetric } from './metric.ts';
import { PairStep } from './pairs/pair-step.ts';

const Options = Type.Object({
  features: features.option({
    description: 'the feature extractor: one for faces, `arcface` or `face-api-substitute`',
  }),
});

/**
 * Whether the restored image shows the same person as the sharp one: 1 - cosine of the vectors by which a face recognition network knows faces
 * (ArcFace, Deng et al. 2019), 0 for the same vector, about 1 for another person. With GFP-GAN's `resnet18` its arc cosine is the angle that VQFR
 * (Gu et al. 2022) calls "Deg.". Images are aligned as those of FFHQ. The column is `identity_distance_NETWORK`, with a substitute
 * `identity_distance_substitute`. Errors: `UserError` for images of different sizes, or that the network cannot take.
 */
@metrics.component({
  type: 'identity-distance',
  description: 'whether two images show the same person, by a face recognition network',
  options: Options,
})
export class IdentityDistanceMetric implements ImageMetric {
  static readonly possibleColumns = [...FACE_ARCHITECTURES, 'substitute'].map(columnOf);
  readonly columns: readonly Column[];
  readonly minimumSide: number;
  readonly #extractor: FeatureExtractor;
  readonly #faces: FaceVectors;
  readonly #step = new PairStep((restored, sharp) => this.#distances(restored, sharp));

  /** Errors: `UserError` for an extractor that does not know faces. */
  constructor({ features: extractor }: Static<typeof Options>) {
    const { faces, type, substitute } = extractor;
    if (!faces) throw new UserError(`"${type}" does not tell people apart; arcface and face-api-substitute do.`);
    this.#extractor = extractor;
    this.#faces = faces;
    this.minimumSide = extractor.minimumSide([faces.layer]);
    this.columns = [{ name: columnOf(substitute ? 'substitute' : faces.network), better: 'lower', digits: 4 }];
  }

  async prepare(): Promise<void> {
    await this.#extractor.prepare();
    this.#step.prepare();
  }

  measure(restored: Image, sharp: Image): number[] {
    return [this.#step.of(restored, sharp)];
  }

  dispose(): void {
    this.#step.dispose();
    this.#extractor.dispose();
  }

  #distances(restored: Tensor4D, sharp: Tensor4D): Tensor1D {
    const [ours, theirs] = [restored, sharp].map((image) => {
      const [vectors] = this.#extractor.taps(image, [this.#faces.layer]);
      return tf.squeeze<Tensor2D>(vectors!, [1, 2]);
    });
    return tf.sub(1, similarities(ours!, theirs!));
  }
}

function columnOf(network: string): string {
  return `identity_distance_${network.replaceAll('-', '_')}`;
}
