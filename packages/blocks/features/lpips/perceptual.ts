import { UserError, type WeightsFiles } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { FeatureExtractor } from '../feature-extractor.ts';
import { LpipsHeads } from './lpips-heads.ts';
import { perceptualDistances } from './perceptual-distance.ts';
import { SharedModule } from '../trunks/shared-module.ts';

/**
 * LPIPS v0.1 between images, with an official extractor and its trained heads. With a substitute there are no heads: the
 * distance is then the mean over the layers of the (unweighted) squared distance of unit feature vectors, a number that cannot be
 * compared with LPIPS and is never called so.
 */
export class Perceptual {
  readonly #layers: readonly string[];
  readonly #heads: SharedModule<LpipsHeads> | undefined;

  /**
   * @param heads weights file of the heads (`lin0.model.1.weight`, ...), for official extractors only
   * Errors: `UserError` where the extractor is none of LPIPS, or the heads are missing or do not belong there.
   */
  constructor(
    readonly extractor: FeatureExtractor,
    heads: string | undefined,
    files: WeightsFiles,
  ) {
    const { type, perceptualLayers: layers, substitute } = extractor;
    if (layers.length === 0) throw new UserError(`LPIPS is not defined on "${type}".`);
    if (substitute && heads !== undefined) throw new UserError(`"${type}" is a substitute: there are no heads for it.`);
    if (!substitute && heads === undefined)
      throw new UserError(`LPIPS on "${type}" needs its trained \`heads\` (PerceptualSimilarity:lpips/weights/v0.1).`);
    this.#layers = layers.map(({ name }) => name);
    this.#heads = heads === undefined ? undefined : sharedHeads(extractor, heads, files);
  }

  /** Smallest side of an image. */
  get minimumSide(): number {
    return this.extractor.minimumSide(this.#layers);
  }

  async prepare(): Promise<void> {
    await this.extractor.prepare();
    await this.#heads?.prepare();
  }

  /** The distance of each pair of images (NHWC, [0, 1]). */
  distances(first: Tensor4D, second: Tensor4D): Tensor1D {
    const [a, b] = [first, second].map((image) => this.extractor.taps(image, this.#layers));
    if (!this.#heads) return tf.mean<Tensor1D>(perceptualDistances(a!, b!), 1);
    return this.#heads.use((heads) => tf.sum<Tensor1D>(perceptualDistances(a!, b!, heads.values), 1));
  }

  dispose(): void {
    this.extractor.dispose();
    this.#heads?.dispose();
  }
}

function sharedHeads(
  { type, perceptualLayers }: FeatureExtractor,
  file: string,
  files: WeightsFiles,
): SharedModule<LpipsHeads> {
  const module = new LpipsHeads(perceptualLayers.map(({ channels }) => channels));
  return new SharedModule(`heads of ${type} ${files.key(file)}`, async () => ({
    module,
    state: files.read(file, module, `LPIPS's heads on "${type}"`, /^(net|scaling_layer)\./),
  }));
}
