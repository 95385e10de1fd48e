import { UserError, absolute } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { checkDifferentiable, features, type FeatureExtractor } from '../features/feature-extractor.ts';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({
  features: features.option({ default: { type: 'vgg19' }, description: 'the feature extractor' }),
  layers: Type.Optional(
    Type.Record(Type.String(), Type.Number({ exclusiveMinimum: 0 }), {
      minProperties: 1,
      description:
        "weight of each layer; by default VGG-19's conv1_2 and conv2_2 0.1, conv3_4, conv4_4 and conv5_4 1 (in front of the ReLUs), of another feature extractor those that LPIPS compares, 1 each",
    }),
  ),
  content: Type.Number({ minimum: 0, default: 1, description: 'weight of the differences of the features' }),
  style: Type.Number({
    minimum: 0,
    default: 50,
    description: 'weight of the differences of their Gram matrices; 0: none',
  }),
  weight,
});

/** BasicSR and GFP-GAN: GFPGAN:options/train_gfpgan_v1.yml, perceptual_opt. */
const VGG19 = { conv1_2: 0.1, conv2_2: 0.1, conv3_4: 1, conv4_4: 1, conv5_4: 1 };

/**
 * sum over layers of w_l (content mean |f - f'| + style mean |Gram(f) - Gram(f')|), Gram(f)_cd = mean over positions and
 * channels of f_c f_d (Johnson et al. 2016, with L1; BasicSR:basicsr/losses/basic_loss.py, PerceptualLoss, criterion l1).
 */
@losses.component({
  type: 'perceptual',
  description: 'differences of deep features and of their Gram matrices (Johnson et al. 2016; as GFP-GAN weighs them)',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class PerceptualLoss extends WeightedLoss {
  /** Name of its curve. */
  readonly label: string;
  readonly #layers: ReadonlyMap<string, number>;
  readonly #extractor: FeatureExtractor;

  constructor(private readonly options: Static<typeof Options>) {
    super(options);
    const { features: extractor, layers, content, style } = options;
    checkDifferentiable(extractor);
    if (content === 0 && style === 0) throw new UserError('"perceptual": content and style are both 0.');
    this.#extractor = extractor;
    this.#layers = new Map(Object.entries(layers ?? defaultLayers(extractor)));
    this.minimumSide = extractor.minimumSide([...this.#layers.keys()]);
    this.label = extractor.substitute ? 'perceptual_substitute' : 'perceptual';
  }

  readonly minimumSide: number;

  prepare(): Promise<void> {
    return this.#extractor.prepare();
  }

  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    const names = [...this.#layers.keys()];
    const [ours, theirs] = [prediction, target].map((image) => this.#extractor.taps(image, names));
    const terms = [...this.#layers.values()].map((factor, i) => this.#ofLayer(factor, ours![i]!, theirs![i]!));
    return tf.addN(terms);
  }

  dispose(): void {
    this.#extractor.dispose();
  }

  #ofLayer(factor: number, ours: Tensor4D, theirs: Tensor4D): Scalar {
    const { content, style } = this.options;
    const terms = [
      ...(content > 0 ? [tf.mul<Scalar>(content, tf.mean(absolute(tf.sub(ours, theirs))))] : []),
      ...(style > 0 ? [tf.mul<Scalar>(style, tf.mean(absolute(tf.sub(gram(ours), gram(theirs)))))] : []),
    ];
    return tf.mul(factor, tf.addN(terms));
  }
}

/** (N, C, C) of features (NHWC). */
export function gram(features: Tensor4D): Tensor3D {
  const [batch, height, width, channels] = features.shape;
  const flat: Tensor3D = tf.reshape(features, [batch, height * width, channels]);
  return tf.div(tf.matMul(flat, flat, true, false), channels * height * width);
}

function defaultLayers({ type, perceptualLayers }: FeatureExtractor): Record<string, number> {
  if (type === 'vgg19') return VGG19;
  if (perceptualLayers.length > 0) return Object.fromEntries(perceptualLayers.map(({ name }) => [name, 1]));
  throw new UserError(`"perceptual": there are no layers of "${type}" to take by default; name some in \`layers\`.`);
}
