import { UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { Type, type Static, type TObject } from '@sinclair/typebox';
import { contextualLoss } from './contextual.ts';
import { checkDifferentiable, features, type FeatureExtractor } from '../feature-extractor.ts';
import { patches } from './patches.ts';

/** The options of losses that compare images by the contextual loss. */
export const contextualOptions = {
  features: features.option({
    default: { type: 'vgg19' },
    description: 'the feature extractor: vgg19, vgg16, or a substitute',
  }),
  layers: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      uniqueItems: true,
      description:
        "layers of the feature extractor; their losses are summed. By default relu3_4 of vgg19 (the official code's), or what is at a quarter of the resolution",
    }),
  ),
  bandwidth: Type.Number({
    exclusiveMinimum: 0,
    default: 0.5,
    description: "h: how sharply near features are preferred (the official code's default)",
  }),
  patch: Type.Integer({
    minimum: 8,
    maximum: 1024,
    default: 32,
    description: 'side in pixels of the squares that are compared each on its own (paper silent)',
  }),
};

type Options = Static<TObject<typeof contextualOptions>>;

/** The contextual loss between images, patch by patch: the mean over the patches of the loss of each (`contextualLoss`). */
export class PatchwiseContextual {
  readonly extractor: FeatureExtractor;
  readonly #layers: readonly string[];

  /** Errors: `UserError` for a layer that there is not, or a patch too small for it. */
  constructor(private readonly options: Options) {
    const extractor = (this.extractor = options.features);
    checkDifferentiable(extractor);
    const layers = options.layers ?? [extractor.contextualLayer].filter((layer) => layer !== undefined);
    if (layers.length === 0) throw new UserError(`"${extractor.type}" has no default layer; give \`layers\`.`);
    const least = extractor.minimumSide(layers);
    if (options.patch < least) {
      throw new UserError(`patch is ${options.patch}, but ${layers.join(', ')} of "${extractor.type}" needs ${least}.`);
    }
    this.#layers = layers;
  }

  /** Smallest side of an image. */
  get minimumSide(): number {
    return this.options.patch;
  }

  prepare(): Promise<void> {
    return this.extractor.prepare();
  }

  /** L_cx(target, image) for each target, of images of equal shapes (NHWC, [0, 1]); the image is seen once. */
  compute(image: Tensor4D, ...targets: readonly Tensor4D[]): Scalar[] {
    const { patch, bandwidth } = this.options;
    const { images, places } = patches(image, patch);
    const x = this.extractor.taps(images, this.#layers);
    return targets.map((target) => {
      const y = this.extractor.taps(patches(target, patch).images, this.#layers);
      return tf.addN(x.map((ours, i) => contextualLoss(ours, y[i]!, bandwidth, places)));
    });
  }

  dispose(): void {
    this.extractor.dispose();
  }
}
