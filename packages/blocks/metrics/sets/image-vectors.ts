import { loadEngine, UserError, type Matrix, type RunnableStep } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { stackImages, type Image } from '../../images/image.ts';
import type { FeatureExtractor, SetLayers } from '../../features/feature-extractor.ts';
import { CLEAN_RESIZING, CLEAN_SIDE, cleanImages, type Protocol } from './protocol.ts';
import { columnsOf, type Vectors } from './vectors.ts';

/** Shapes of batches whose traces are kept. */
const SHAPES = 4;

/** A vector for each image: the means over the plane of an extractor's layers, one layer after the other. */
export class ImageVectors {
  readonly sets: SetLayers;
  /** Numbers in a vector. */
  readonly length: number;
  #step: RunnableStep<[Tensor4D], Tensor2D> | undefined;

  /**
   * @param ownSide to which images are resized, instead of the extractor's
   * Errors: `UserError` if the extractor is not made for sets of images, or images cannot have that side.
   */
  constructor(
    readonly extractor: FeatureExtractor,
    private readonly protocol: Protocol = 'pytorch-fid',
    private readonly ownSide?: number,
  ) {
    const { sets, type } = extractor;
    if (!sets) {
      throw new UserError(
        `"${type}" has no layers by which sets of images are compared; inception-v3-fid and inception-v3-substitute have.`,
      );
    }
    this.sets = sets;
    if (ownSide !== undefined) this.#checkSide(ownSide);
    this.length = sets.layers.reduce((sum, { channels }) => sum + channels, 0);
  }

  /** Equal for equal vectors of equal images. */
  get key(): string {
    const [{ layers }, side, resizing] = [this.sets, this.#side, this.#resizing];
    return JSON.stringify([this.extractor.identity, { layers, side, resizing }]);
  }

  /** Which network sees images how, for display. */
  get description(): string {
    return `${this.sets.network}, ${this.#resizing}`;
  }

  /** What the names of columns end with, by protocol and extractor. */
  get suffix(): string {
    return `${this.#isClean ? '_clean' : ''}${this.extractor.substitute ? '_substitute' : ''}`;
  }

  /** The part of vectors that is of a layer. */
  layer(vectors: Vectors, layer: number): Matrix {
    const { layers } = this.sets;
    const from = layers.slice(0, layer).reduce((sum, { channels }) => sum + channels, 0);
    return columnsOf(vectors, from, layers[layer]!.channels);
  }

  /** Smallest side of an image, where images are not resized first. */
  get minimumSide(): number {
    return this.#side === undefined ? this.extractor.minimumSide(this.#names) : 1;
  }

  async prepare(): Promise<void> {
    await this.extractor.prepare();
    this.#step ??= loadEngine().compile((images) => this.#vectors(images), { traces: SHAPES });
  }

  /** The vectors of images of any sizes, one after the other; between `prepare` and `dispose`. */
  of(images: readonly Image[]): Float32Array {
    const values = new Float32Array(images.length * this.length);
    for (const indices of bySize(images)) {
      const { width, height } = images[indices[0]!]!;
      const rows = tf.tidy(() => {
        const batch = tf.tensor4d(stackImages(indices.map((i) => images[i]!)), [indices.length, height, width, 3]);
        return this.#step!.run(batch).dataSync<'float32'>();
      });
      indices.forEach((i, k) => values.set(rows.subarray(k * this.length, (k + 1) * this.length), i * this.length));
    }
    return values;
  }

  dispose(): void {
    this.#step?.dispose();
    this.#step = undefined;
    this.extractor.dispose();
  }

  get #isClean(): boolean {
    return this.protocol === 'clean-fid';
  }

  /** Side to which images are resized before the extractor has them. */
  get #side(): number | undefined {
    return this.#isClean ? CLEAN_SIDE : (this.ownSide ?? this.sets.side);
  }

  get #resizing(): string {
    const { ownSide: own, sets } = this;
    if (this.#isClean) return CLEAN_RESIZING;
    return own === undefined ? sets.resizing : sets.resizing.replaceAll(`${sets.side}`, `${own}`);
  }

  get #names(): string[] {
    return this.sets.layers.map(({ name }) => name);
  }

  #checkSide(side: number): void {
    const { type } = this.extractor;
    const least = this.extractor.minimumSide(this.#names);
    const problem = this.#isClean
      ? `clean-fid resizes images to ${CLEAN_SIDE}x${CLEAN_SIDE}; leave out either`
      : this.sets.side === undefined
        ? `"${type}" resizes images itself; only for a substitute another side can be chosen`
        : side < least
          ? `"${type}" needs at least ${least}`
          : undefined;
    if (problem !== undefined) throw new UserError(`\`side\` is ${side}, but ${problem}.`);
  }

  #vectors(images: Tensor4D): Tensor2D {
    return tf.concat(
      this.extractor.taps(this.#seen(images), this.#names).map((features) => tf.mean<Tensor2D>(features, [1, 2])),
      1,
    );
  }

  #seen(images: Tensor4D): Tensor4D {
    if (this.#isClean) return cleanImages(images);
    const side = this.#side;
    return side === undefined ? images : tf.image.resizeBilinear(images, [side, side], false, true);
  }
}

function bySize(images: readonly Image[]): number[][] {
  const groups = new Map<string, number[]>();
  images.forEach(({ width, height }, i) => {
    const size = `${width}x${height}`;
    groups.set(size, [...(groups.get(size) ?? []), i]);
  });
  return [...groups.values()];
}
