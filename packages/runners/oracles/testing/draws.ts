import { Random, STATELESS_NORMAL, STATELESS_UNIFORM } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { toyDraw } from './toy-values.ts';

const KINDS = { [STATELESS_NORMAL]: 'normal', [STATELESS_UNIFORM]: 'uniform' } as const;

/** Where a stage's seeds come from, and the name of what each of them draws, by the numbers that lead to it. */
interface Streams {
  /** The name of the stream in `Random.stream(name, iteration)`. */
  readonly stream: string;
  readonly names: Readonly<Record<string, string>>;
}

const GAN: Streams = {
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

/** What discriminators of restored images see of them. */
const AUGMENTED = {
  '1': 'restorer/augment',
  '2': 'discriminator/augment_fake',
  '3': 'discriminator/augment_real',
  '4': 'r1/augment',
};

/** There is one more thing to draw: the noise of GFP-GAN's decoder, or y of GPEN's path lengths. */
const RESTORER: Streams = { stream: 'restorer', names: { '': 'network', ...AUGMENTED } };
const INVERSION: Streams = { stream: 'gan-inversion', names: AUGMENTED };

/** By the type of the stage; the others draw nothing. */
const STREAMS: Readonly<Record<string, Streams>> = {
  gan: GAN,
  gfpgan: RESTORER,
  gpen: RESTORER,
  'gan-inversion': INVERSION,
};

/**
 * Puts given numbers in place of random ones while a stage runs eagerly: each seed of the stage has a name, and the numbers follow from
 * the name, the kind of distribution and the iteration. Other seeds (of pictures, of a mean latent) draw as ever. A seed that is used for two
 * things is an error.
 */
export class GivenDraws {
  readonly #names = new Map<string, { readonly iteration: number; readonly name: string }>();
  readonly #drawn = new Set<string>();
  readonly #replaced: KernelConfig[] = [];

  /** @param stage its type */
  constructor(stage: string, seed: number, iterations: number) {
    const { stream, names } = STREAMS[stage] ?? { stream: '', names: {} };
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

  /** Puts the engine's own kernels back. */
  end(): void {
    for (const kernel of this.#replaced) {
      tf.unregisterKernel(kernel.kernelName, kernel.backendName);
      tf.registerKernel(kernel);
    }
  }

  #replace(kernelName: keyof typeof KINDS): void {
    const backendName = tf.getBackend();
    const original = tf.getKernel(kernelName, backendName);
    this.#replaced.push(original);
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: (values) => {
        const { shape } = values.attrs as unknown as { shape: number[] };
        const count = shape.reduce((product, length) => product * length, 1);
        const drawn = this.#draw(KINDS[kernelName], values.inputs['seed']!, count);
        return drawn ? tf.tensor(drawn, shape) : original.kernelFunc(values);
      },
    });
  }

  #draw(kind: 'normal' | 'uniform', seed: TensorInfo, count: number): Float32Array | undefined {
    const words = (seed as tf.Tensor).dataSync<'int32'>().join();
    const found = this.#names.get(words);
    if (!found) return undefined;
    const { iteration, name } = found;
    const draw = `${iteration}:${name}`;
    if (this.#drawn.has(draw)) throw new Error(`The seed of "${name}" is used twice in iteration ${iteration + 1}.`);
    this.#drawn.add(draw);
    return toyDraw(kind, iteration, name, count);
  }
}
