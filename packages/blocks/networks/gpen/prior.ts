import type { StateDict, StateTensor } from '@dualprior/core/nn';
import type { PriorWeights } from '../prior-restorer.ts';

const GENERATOR = 'generator.';
const STRENGTH = 'noise.weight';
const WEIGHT = 'conv.weight';
const MODULATION_BIAS = 'modulation.bias';

/**
 * A StyleGAN2 generator's state dict (rosinality's names) as that of GPEN's. Where features stand beside the generator's (`isconcat`), a
 * layer has twice the inputs: the half that the prior knows is copied, the weights of the other half are zero and its styles 1, so that
 * the first image is the prior's own of the encoder's latent, without noise. (Equalised weights are divided by the root of the count of
 * inputs, which is the greater by sqrt 2.) The features themselves pass with strength 1, as zero times zero would never learn. Without
 * `isconcat` they replace the noise, with strength 0.
 *
 * @param own shapes of the network's tensors, by name
 */
export function generatorState(
  generator: StateDict,
  own: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  concatenates: boolean,
): PriorWeights {
  const state: StateDict = new Map();
  const unused: string[] = [];
  for (const [known, tensor] of generator) {
    const name = GENERATOR + known;
    if (known.startsWith('noises.') || known === 'latent_avg') unused.push(known);
    else if (known.endsWith(STRENGTH)) state.set(name, { ...tensor, values: Float32Array.of(concatenates ? 1 : 0) });
    else state.set(name, isDoubled(known, tensor, own.get(name)?.shape) ? doubled(known, tensor) : tensor);
  }
  return { state, unused };
}

/** The axis of a tensor's inputs, which the features double. */
function axisOf(name: string): number {
  return name.endsWith(WEIGHT) ? 2 : 0;
}

function twice(name: string, shape: readonly number[]): number[] {
  return shape.map((length, axis) => (axis === axisOf(name) ? 2 * length : length));
}

function isDoubled(name: string, { shape }: StateTensor, own: readonly number[] = []): boolean {
  return own.join() === twice(name, shape).join();
}

/** The tensor with as many inputs again, which have no say. */
function doubled(name: string, { shape, values }: StateTensor): StateTensor {
  const scale = name.endsWith(WEIGHT) ? Math.SQRT2 : 1;
  const inner = shape.slice(axisOf(name)).reduce((product, length) => product * length, 1);
  const all = new Float32Array(2 * values.length).fill(name.endsWith(MODULATION_BIAS) ? 1 : 0);
  values.forEach((value, i) => (all[i + Math.floor(i / inner) * inner] = scale * value));
  return { shape: twice(name, shape), values: all };
}
