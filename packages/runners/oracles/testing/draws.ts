import { Random, STATELESS_NORMAL, STATELESS_UNIFORM } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { toyDraw } from './toy-values.ts';

const KINDS = { [STATELESS_NORMAL]: 'normal', [STATELESS_UNIFORM]: 'uniform' } as const;

/** Where a stage's seeds come from, and the name of what each of them draws, by the numbers that lead to it. */
export interface Streams {
  /** Of `Random.stream(name, iteration)`. */
  readonly stream: string;
  readonly names: Readonly<Record<string, string>>;
}

/** The stage `gan`. */
export const GAN_STREAMS: Streams = {
  stream: 'gan',
  names: {
    '0,0,0,0': 'generator/z',
    '0,0,0,1': 'generator/mixing',
    '0,0,1': 'generator/noise',
    '0,1': 'generator/augment',
    '1,0,0': 'path/z',
    '1,0,1': 'path/mixing',
    '1,1': 'path/y',
    '1,2': 'path/noise',
    '2,0,0,0': 'discriminator/z',
    '2,0,0,1': 'discriminator/mixing',
    '2,0,1': 'discriminator/noise',
    '2,1': 'discriminator/augment_fake',
    '2,2': 'discriminator/augment_real',
    '3': 'r1/augment',
  },
};

/** The stages `gfpgan` and `gpen`: there is one thing to draw, the noise of the decoder or y of the path lengths. */
export const RESTORER_STREAMS: Streams = { stream: 'restorer', names: { '': 'network' } };

/**
 * Puts given numbers in place of random ones while a stage runs eagerly: each seed of the stage has a name, and the numbers follow from
 * the name, the kind of distribution and the iteration. A seed without a name, or one that is used for two things, is an error.
 */
export class GivenDraws {
  readonly #names = new Map<string, { readonly iteration: number; readonly name: string }>();
  readonly #drawn = new Set<string>();
  readonly #replaced: KernelConfig[] = [];

  constructor({ stream, names }: Streams, seed: number, iterations: number) {
    for (let iteration = 0; iteration < iterations; iteration++) {
      const words = new Random(seed).stream(stream, iteration);
      const [high, low] = [words.uint32() | 0, words.uint32() | 0];
      for (const [path, name] of Object.entries(names)) {
        const numbers = path === '' ? [] : path.split(',').map(Number);
        const word = numbers.reduce((parent, number) => (Math.imul(parent, 8) + number) | 0, low);
        this.#names.set(`${high},${word}`, { iteration, name });
      }
    }
    for (const kernelName of [STATELESS_NORMAL, STATELESS_UNIFORM] as const) this.#replace(kernelName);
  }

  /** Names of all that was drawn, without their iterations. */
  get drawn(): string[] {
    return [...new Set([...this.#drawn].map((draw) => draw.split(':')[1]!))].sort();
  }

  /** Puts the engine's own kernels back. */
  end(): void {
    for (const kernel of this.#replaced) {
      tf.unregisterKernel(kernel.kernelName, kernel.backendName);
      tf.registerKernel(kernel);
    }
  }

  #replace(kernelName: keyof typeof KINDS): void {
    const backendName = tf.getBackend();
    this.#replaced.push(tf.getKernel(kernelName, backendName));
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }): TensorInfo => {
        const { shape } = attrs as unknown as { shape: number[] };
        const count = shape.reduce((product, length) => product * length, 1);
        return tf.tensor(this.#draw(KINDS[kernelName], inputs['seed']!, count), shape);
      },
    });
  }

  #draw(kind: 'normal' | 'uniform', seed: TensorInfo, count: number): Float32Array {
    const words = (seed as tf.Tensor).dataSync<'int32'>().join();
    const found = this.#names.get(words);
    if (!found) throw new Error(`The seed ${words} has no name.`);
    const { iteration, name } = found;
    const draw = `${iteration}:${name}`;
    if (this.#drawn.has(draw)) throw new Error(`The seed of "${name}" is used twice in iteration ${iteration + 1}.`);
    this.#drawn.add(draw);
    return toyDraw(kind, iteration, name, count);
  }
}
