import { UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { Type, type Static, type TObject } from '@sinclair/typebox';
import { contextualLoss } from './contextual.ts';
import { checkDifferentiable, features, type FeatureExtractor } from '../feature-extractor.ts';
import { patches, type Patches } from './patches.ts';

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
    description: 'side of the squares that are compared separately, in pixels (the paper does not say)',
  }),
  cut: Type.Optional(
    Type.Union([Type.Literal('image'), Type.Literal('features')], {
      description:
        'image (the default): squares are cut from the images, and the extractor processes each with padding; features: it processes whole images, and their feature maps are cut',
    }),
  ),
  direction: Type.Optional(
    Type.Union([Type.Literal('target'), Type.Literal('prediction'), Type.Literal('both')], {
      description:
        'target (the default, as in the official code): each feature of the target pulls the nearest one of the prediction; prediction: each feature of the prediction is pulled to the nearest one of the target; both: the mean of the two',
    }),
  ),
};

type Options = Static<TObject<typeof contextualOptions>>;

/** The options without those that say what is the case anyway, so that hashes are what they were before there were any. */
export function formerContextual({
  cut,
  direction,
  ...counted
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    ...counted,
    ...(cut === 'features' && { cut }),
    ...(direction !== undefined && direction !== 'target' && { direction }),
  };
}

/** The contextual loss between images, patch by patch: the mean over the patches of the loss of each (`contextualLoss`). */
export class PatchwiseContextual {
  readonly extractor: FeatureExtractor;
  readonly #layers: readonly string[];
  readonly #least: number;

  /** Errors: `UserError` for a layer that there is not, or a patch too small for it. */
  constructor(private readonly options: Options) {
    const extractor = (this.extractor = options.features);
    checkDifferentiable(extractor);
    const layers = options.layers ?? [extractor.contextualLayer].filter((layer) => layer !== undefined);
    if (layers.length === 0) throw new UserError(`"${extractor.type}" has no default layer; give \`layers\`.`);
    const least = extractor.minimumSide(layers);
    if (options.cut !== 'features' && options.patch < least) {
      throw new UserError(`patch is ${options.patch}, but ${layers.join(', ')} of "${extractor.type}" needs ${least}.`);
    }
    this.#layers = layers;
    this.#least = Math.max(least, options.patch);
  }

  /** Smallest side of an image. */
  get minimumSide(): number {
    return this.#least;
  }

  prepare(): Promise<void> {
    return this.extractor.prepare();
  }

  /** L_cx(target, image) for each target, of images of equal shapes (NHWC, [0, 1]); the image is seen once. */
  compute(image: Tensor4D, ...targets: readonly Tensor4D[]): Scalar[] {
    const ours = this.#patches(image);
    return targets.map((target) => {
      const theirs = this.#patches(target);
      return tf.addN(ours.map((x, i) => this.#distance(x, theirs[i]!)));
    });
  }

  /** The features of all patches, of each layer. */
  #patches(image: Tensor4D): Patches[] {
    const { patch, cut } = this.options;
    if (cut === 'features') {
      return this.extractor.taps(image, this.#layers).map((map) => patches(map, featureSide(patch, image, map)));
    }
    const { images, places } = patches(image, patch);
    return this.extractor.taps(images, this.#layers).map((map) => ({ images: map, places }));
  }

  #distance({ images: x, places }: Patches, { images: y }: Patches): Scalar {
    const { bandwidth, direction = 'target' } = this.options;
    const towards = (a: Tensor4D, b: Tensor4D) => contextualLoss(a, b, bandwidth, places);
    if (direction === 'target') return towards(x, y);
    if (direction === 'prediction') return towards(y, x);
    return tf.div(tf.add(towards(x, y), towards(y, x)), 2);
  }

  dispose(): void {
    this.extractor.dispose();
  }
}

/** Side in a feature map of a square of `patch` pixels of the image, at least 1. */
function featureSide(patch: number, image: Tensor4D, map: Tensor4D): number {
  const sides = [1, 2].map((axis) => Math.round((patch * map.shape[axis]!) / image.shape[axis]!));
  return Math.max(1, Math.min(...sides));
}
