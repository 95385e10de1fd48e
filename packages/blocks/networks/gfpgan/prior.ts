import { BLUR_TAPS, UserError, type StateDict, type StateTensor } from '@dualprior/core/nn';
import type { PriorWeights } from '../prior-restorer.ts';

/** Where a generator's tensor goes, and how its values change. */
interface Place {
  readonly name: string;
  /** A factor of the numbers. Default 1. */
  readonly scale?: number;
  readonly shape?: readonly number[];
  /** Whether each kernel is turned by 180 degrees. */
  readonly isFlipped?: boolean;
}

type Layouts = 'clean' | 'original';

const GAIN = Math.SQRT2;
const DECODER = 'stylegan_decoder';

/**
 * A StyleGAN2 generator's state dict (rosinality's names) as that of GFP-GAN's decoder. The original's decoder is the generator itself.
 * The clean one has no equalised learning rate, so the factors go into the weights (GFPGAN:scripts/convert_gfpganv_to_clean.py), and
 * doubles images bilinearly, in front of its convolutions: as StyleGAN2's blur [1, 3, 3, 1] is that very interpolation, the same kernels
 * turned by 180 degrees do the same, but for the pixels at the edges, where the one repeats the image and the other sees zeros.
 *
 * @param mappingRate of the generator's mapping network
 */
export function decoderState(generator: StateDict, architecture: Layouts, mappingRate: number): PriorWeights {
  const state: StateDict = new Map();
  const unused: string[] = [];
  for (const [name, tensor] of generator) {
    const place = placeOf(name, tensor, architecture, mappingRate);
    if (place) state.set(`${DECODER}.${place.name}`, moved(tensor, place));
    else unused.push(name);
    if (/\.(blur|upsample)\.kernel$/.test(name)) refuseOtherFilter(name, tensor);
  }
  if (state.size === 0) throw new UserError('gfpgan: the prior has none of the tensors of a StyleGAN2 generator.');
  return { state, unused };
}

/** Errors: the generator doubles images with another filter than the decoder, which has StyleGAN2's own. */
function refuseOtherFilter(name: string, { values }: StateTensor): void {
  const [sum, inserted] = [BLUR_TAPS.reduce((total, tap) => total + tap, 0), 4];
  const own = BLUR_TAPS.flatMap((row) => BLUR_TAPS.map((column) => (row * column * inserted) / sum ** 2));
  if (own.every((tap, i) => Math.abs(tap - (values[i] ?? tap)) < 1e-6)) return;
  throw new UserError(
    `gfpgan: the prior resamples with another filter ("${name}") than [${BLUR_TAPS.join(', ')}], which is GFP-GAN's.`,
  );
}

function placeOf(name: string, tensor: StateTensor, architecture: Layouts, rate: number): Place | undefined {
  const isClean = architecture === 'clean';
  const [, layer, kind] = /^style\.(\d+)\.(weight|bias)$/.exec(name) ?? [];
  if (layer) {
    if (!isClean) return { name: `style_mlp.${layer}.${kind!}` };
    const scale = rate * GAIN * (kind === 'weight' ? 1 / Math.sqrt(tensor.shape[1]!) : 1);
    return { name: `style_mlp.${2 * Number(layer) - 1}.${kind!}`, scale };
  }
  if (name === 'input.input') return { name: 'constant_input.weight' };
  const [, noise] = /^noises\.noise_(\d+)$/.exec(name) ?? [];
  if (noise) return { name: `noises.noise${noise}` };
  const [, styled, inStyled] = /^(conv1|convs\.\d+)\.(.+)$/.exec(name) ?? [];
  if (styled) return ofStyled(styled, inStyled!, tensor, isClean);
  const [, rgb, inRgb] = /^(to_rgb1|to_rgbs\.\d+)\.(.+)$/.exec(name) ?? [];
  if (!rgb) return undefined;
  return inRgb === 'bias' ? { name: `${rgb}.bias` } : ofModulated(rgb, inRgb!, tensor, isClean);
}

function ofStyled(styled: string, part: string, tensor: StateTensor, isClean: boolean): Place | undefined {
  const layer = `style_${styled}`;
  if (part === 'noise.weight') return { name: `${layer}.weight`, ...(isClean && { scale: GAIN }) };
  if (part === 'activate.bias') {
    if (!isClean) return { name: `${layer}.activate.bias` };
    return { name: `${layer}.bias`, scale: GAIN, shape: [1, tensor.shape[0]!, 1, 1] };
  }
  const place = ofModulated(layer, part, tensor, isClean);
  const doubles = /^convs\.\d*[02468]$/.test(styled);
  return place && isClean && doubles && part === 'conv.weight' ? { ...place, isFlipped: true } : place;
}

function ofModulated(layer: string, part: string, { shape }: StateTensor, isClean: boolean): Place | undefined {
  const [, tensor] = /^conv\.(weight|modulation\.weight|modulation\.bias)$/.exec(part) ?? [];
  if (tensor === undefined) return undefined;
  const name = `${layer}.modulated_conv.${tensor}`;
  if (!isClean || tensor === 'modulation.bias') return { name };
  const inputs = tensor === 'weight' ? shape.slice(2) : shape.slice(1);
  return { name, scale: 1 / Math.sqrt(inputs.reduce((product, length) => product * length, 1)) };
}

function moved({ shape, values }: StateTensor, { scale = 1, shape: own = shape, isFlipped }: Place): StateTensor {
  const scaled = scale === 1 ? values : values.map((value) => value * scale);
  if (!isFlipped) return { shape: own, values: scaled };
  const size = shape.at(-1)! * shape.at(-2)!;
  const flipped = new Float32Array(scaled.length);
  for (let start = 0; start < scaled.length; start += size) {
    flipped.set(scaled.slice(start, start + size).reverse(), start);
  }
  return { shape: own, values: flipped };
}
