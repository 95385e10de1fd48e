import { Buffer, Module, normal, statelessNormal, UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Noise } from '../generator.ts';

/** The noise images of all layers, of these sizes: buffers `noise_0`, `noise_1`, ... (or of another `name`), each (1, 1, H, W). */
export class Noises extends Module {
  readonly #sizes: readonly number[];
  readonly #buffers: readonly Buffer<Tensor4D>[];

  constructor(
    sizes: readonly number[],
    private readonly type = 'stylegan2-generator',
    name = 'noise_',
  ) {
    super();
    this.#sizes = sizes;
    this.#buffers = sizes.map((size) => new Buffer([1, 1, size, size], normal(1), 'image'));
    Object.assign(this, Object.fromEntries(this.#buffers.map((buffer, i) => [`${name}${i}`, buffer])));
  }

  /** One image (N or 1, H, W, 1) a layer. Errors: `UserError` for noise of other counts or sizes. */
  of(noise: Noise, batch: number): Tensor4D[] {
    if (noise === 'stored') return this.#buffers.map(({ value }) => value);
    if (noise instanceof tf.Tensor) return this.#draw(noise, batch);
    this.#check(noise, batch);
    return [...noise];
  }

  #draw(seed: Tensor1D, batch: number): Tensor4D[] {
    const counts = this.#sizes.map((size) => batch * size ** 2);
    const all = statelessNormal<Tensor1D>([counts.reduce((sum, count) => sum + count, 0)], seed);
    const parts = tf.split(all, counts);
    return parts.map((part, i) => tf.reshape(part, [batch, this.#sizes[i]!, this.#sizes[i]!, 1]));
  }

  #check(noise: readonly Tensor[], batch: number): void {
    if (noise.length !== this.#sizes.length) {
      throw new UserError(`${this.type}: ${noise.length} noise images were given, ${this.#sizes.length} are needed.`);
    }
    noise.forEach(({ shape }, i) => {
      const size = this.#sizes[i]!;
      if ([1, batch].includes(shape[0]!) && shape.slice(1).join() === [size, size, 1].join()) return;
      throw new UserError(
        `${this.type}: noise ${i} has the shape (${shape.join(', ')}), but (1 or ${batch}, ${size}, ${size}, 1) is needed.`,
      );
    });
  }
}
