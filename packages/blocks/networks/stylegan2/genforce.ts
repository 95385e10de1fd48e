import type { StateDict, StateTensor } from '@dualprior/core/nn';
import { asChannels, convert, flipped, namesOf, withLeadingOne, type Layout, type Rule } from '../layouts/layout.ts';

const filter = () => [4, 4];
const layer = (number: string) => (number === '0' ? 'conv1' : `convs.${Number(number) - 1}`);
const output = (number: string) => (number === '0' ? 'to_rgb1' : `to_rgbs.${Number(number) - 1}`);
const place = (kind: string, number: string) => (kind === 'layer' ? layer(number) : output(number));

/** @param levels resolutions that the generator has */
function rules(levels: number): readonly Rule[] {
  const higher = Array.from({ length: levels - 1 }, (_, i) => `to_rgbs.${i}.upsample.kernel`);
  return [
    { pattern: /^mapping\.dense(\d+)\.(weight|bias)$/, name: (i, kind) => `style.${Number(i) + 1}.${kind!}` },
    { pattern: /^truncation\.w_avg$/, name: 'latent_avg', shape: (shape) => shape.slice(-1) },
    { pattern: /^synthesis\.early_layer\.const$/, name: 'input.input' },
    { pattern: /^synthesis\.upsample\.kernel$/, name: () => higher, shape: filter },
    // Its up-sampling convolution is a true one, so that the kernels are turned.
    {
      pattern: /^synthesis\.layer(\d*[13579])\.weight$/,
      name: (i) => `${layer(i!)}.conv.weight`,
      shape: withLeadingOne,
      isFlipped: true,
    },
    {
      pattern: /^synthesis\.(layer|output)(\d+)\.weight$/,
      name: (kind, i) => `${place(kind!, i!)}.conv.weight`,
      shape: withLeadingOne,
    },
    { pattern: /^synthesis\.layer(\d+)\.bias$/, name: (i) => `${layer(i!)}.activate.bias` },
    { pattern: /^synthesis\.output(\d+)\.bias$/, name: (i) => `${output(i!)}.bias`, shape: asChannels },
    { pattern: /^synthesis\.layer(\d+)\.noise_strength$/, name: (i) => `${layer(i!)}.noise.weight`, shape: () => [1] },
    { pattern: /^synthesis\.layer(\d+)\.noise$/, name: 'noises.noise_$1' },
    { pattern: /^synthesis\.layer(\d+)\.filter\.kernel$/, name: (i) => `${layer(i!)}.conv.blur.kernel`, shape: filter },
    {
      pattern: /^synthesis\.(layer|output)(\d+)\.style\.weight$/,
      name: (kind, i) => `${place(kind!, i!)}.conv.modulation.weight`,
    },
    // It adds the 1 when it uses the bias.
    {
      pattern: /^synthesis\.(layer|output)(\d+)\.style\.bias$/,
      name: (kind, i) => `${place(kind!, i!)}.conv.modulation.bias`,
      offset: 1,
    },
  ];
}

/** genforce's generator (genforce:models/stylegan2_generator.py), on which BDInvert builds. */
export const genforceGenerator: Layout = {
  name: 'genforce',
  network: 'stylegan2-generator',
  marks: ['synthesis.early_layer.const'],
  rules: (tensors) => rules([...tensors.keys()].filter((name) => /^synthesis\.output\d+\.weight$/.test(name)).length),
};

/** The generator's weights in ours of genforce's layout; undefined for a state dict that is not in that layout. */
export function fromGenforce(tensors: StateDict): StateDict | undefined {
  return convert(genforceGenerator, { name: '', tensors, attributes: new Map() })?.tensors;
}

/**
 * What a gradient in our layout is with respect to the parameter of this name and shape in genforce's; undefined if ours has no such
 * parameter.
 */
export function gradientForGenforce(
  gradient: StateDict,
  name: string,
  shape: readonly number[],
): StateTensor | undefined {
  const rule = rules(1).find(({ pattern }) => pattern.test(name));
  const ours = rule && gradient.get(namesOf(rule, name)[0]!);
  if (!ours) return undefined;
  return { shape, values: rule.isFlipped ? flipped(ours) : ours.values };
}
