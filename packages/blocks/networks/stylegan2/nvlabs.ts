import type { StateDict } from '@dualprior/core/nn';
import { asChannels, withLeadingOne, type Layout, type Rule } from '../layouts/layout.ts';
import type { Traits } from '../layouts/part.ts';
import { SMALLEST } from './channels.ts';
import { NvlabsAttributes } from './nvlabs-attributes.ts';

const asScalar = () => [1];
const asImage = (shape: readonly number[]) => [1, 1, ...shape];
/** Where zeros stand between the pixels, the filter's sum is 4. */
const UP = 4;

const levelOf = (resolution: string) => Math.log2(Number(resolution) / SMALLEST);

/** Index of a layer (conv0 doubles the image, conv1 keeps its size), as that of its noise. */
const indexOf = (resolution: string, conv: string) => Math.max(0, 2 * levelOf(resolution) - 1 + Number(conv));
const layerOf = (resolution: string, conv: string) => {
  const index = indexOf(resolution, conv);
  return index === 0 ? 'conv1' : `convs.${index - 1}`;
};
const rgbOf = (resolution: string) => (levelOf(resolution) === 0 ? 'to_rgb1' : `to_rgbs.${levelOf(resolution) - 1}`);

const LAYER = String.raw`^synthesis\.b(\d+)\.conv([01])\.`;
const RGB = String.raw`^synthesis\.b(\d+)\.torgb\.`;

const GENERATOR: readonly Rule[] = [
  { pattern: /^mapping\.fc(\d+)\.(weight|bias)$/, name: (i, kind) => `style.${Number(i) + 1}.${kind}` },
  { pattern: /^mapping\.w_avg$/, name: 'latent_avg' },
  { pattern: /^synthesis\.b4\.const$/, name: 'input.input', shape: withLeadingOne },
  { pattern: new RegExp(`${LAYER}weight$`), name: (r, i) => `${layerOf(r, i)}.conv.weight`, shape: withLeadingOne },
  { pattern: new RegExp(`${LAYER}bias$`), name: (r, i) => `${layerOf(r, i)}.activate.bias` },
  {
    pattern: new RegExp(`${LAYER}affine\\.(weight|bias)$`),
    name: (r, i, kind) => `${layerOf(r, i)}.conv.modulation.${kind}`,
  },
  {
    pattern: new RegExp(`${LAYER}noise_strength$`),
    name: (r, i) => `${layerOf(r, i)}.noise.weight`,
    shape: asScalar,
  },
  { pattern: new RegExp(`${LAYER}noise_const$`), name: (r, i) => `noises.noise_${indexOf(r, i)}`, shape: asImage },
  {
    pattern: new RegExp(`${LAYER}resample_filter$`),
    name: (r, i) => (i === '0' ? `${layerOf(r, i)}.conv.blur.kernel` : []),
    scale: UP,
  },
  { pattern: new RegExp(`${RGB}weight$`), name: (r) => `${rgbOf(r)}.conv.weight`, shape: withLeadingOne },
  { pattern: new RegExp(`${RGB}bias$`), name: (r) => `${rgbOf(r)}.bias`, shape: asChannels },
  { pattern: new RegExp(`${RGB}affine\\.(weight|bias)$`), name: (r, kind) => `${rgbOf(r)}.conv.modulation.${kind}` },
  {
    pattern: /^synthesis\.b(\d+)\.resample_filter$/,
    name: (r) => (r === '4' ? [] : `${rgbOf(r)}.upsample.kernel`),
    scale: UP,
  },
];

/**
 * NVlabs' generator (stylegan2-ada-pytorch:training/networks.py, Generator). Its up-sampling convolutions are transposed ones of kernels
 * that are not turned, as rosinality's; the converter from TensorFlow (legacy.py) has turned them.
 */
export const nvlabsGenerator: Layout = {
  name: 'NVlabs',
  network: 'stylegan2-generator',
  marks: ['synthesis.b4.const', 'mapping.fc0.weight'],
  rules: () => GENERATOR,
  read: ({ attributes, tensors }) => {
    const said = new NvlabsAttributes(attributes);
    return {
      traits: {
        ...said.trait('convClamp', 'conv_clamp'),
        ...said.trait('mappingRate', 'bias_gain', /^mapping\.fc\d+$/),
      },
      refusals: [
        ...said.conditional(tensors),
        ...said.others('img_channels', [3], /^$/),
        ...said.others('z_dim', said.values('w_dim'), /^$/),
        ...said.others('architecture', ['skip']),
        ...said.others('use_noise', [true]),
        ...said.others('activation', ['linear'], /\.affine$/),
        ...said.others('activation', ['lrelu'], /^(mapping\.fc\d+|synthesis\.b\d+\.conv[01])$/),
        ...said.several('conv_clamp'),
        ...said.several('bias_gain', /^mapping\.fc\d+$/),
      ],
      remarks: said.halves(),
    };
  },
};

/** @param size height and width of the images */
function discriminatorRules(size: number, architecture: 'resnet' | 'skip' | 'orig'): readonly Rule[] {
  /** Index of the block of a resolution, the highest first; the first layer of all is 0. */
  const block = (resolution: string) => Math.log2(size / Number(resolution)) + 1;
  const fromRgb = (resolution: string) =>
    Number(resolution) === size ? 'convs.0' : `from_rgbs.${block(resolution) - 2}`;
  const ofLayer = (layer: string, index: number, kind: string) =>
    `${layer}.${kind === 'weight' ? index : index + 1}.${kind}`;
  return [
    { pattern: /^b(\d+)\.fromrgb\.(weight|bias)$/, name: (r, kind) => ofLayer(fromRgb(r), 0, kind) },
    { pattern: /^b(\d+)\.conv0\.(weight|bias)$/, name: (r, kind) => ofLayer(`convs.${block(r)}.conv1`, 0, kind) },
    { pattern: /^b(\d+)\.conv1\.(weight|bias)$/, name: (r, kind) => ofLayer(`convs.${block(r)}.conv2`, 1, kind) },
    { pattern: /^b(\d+)\.skip\.weight$/, name: (r) => `convs.${block(r)}.skip.1.weight` },
    { pattern: /^b(\d+)\.conv1\.resample_filter$/, name: (r) => `convs.${block(r)}.conv2.0.kernel` },
    { pattern: /^b(\d+)\.skip\.resample_filter$/, name: (r) => `convs.${block(r)}.skip.0.kernel` },
    { pattern: /^b4\.conv\.(weight|bias)$/, name: (kind) => ofLayer('final_conv', 0, kind) },
    { pattern: /^b4\.fc\.(weight|bias)$/, name: 'final_linear.0.$1' },
    { pattern: /^b4\.out\.(weight|bias)$/, name: 'final_linear.1.$1' },
    {
      pattern: /^b(\d+)\.resample_filter$/,
      name: (r) => (architecture === 'skip' && Number(r) === size ? 'downsample.kernel' : []),
    },
    { pattern: /\.resample_filter$/, name: () => [] }, // of what does not resample
  ];
}

/** NVlabs' discriminator (the same file, Discriminator). */
export const nvlabsDiscriminator: Layout = {
  name: 'NVlabs',
  network: 'stylegan2-discriminator',
  marks: ['b4.conv.weight', 'b4.fc.weight', 'b4.out.weight'],
  rules: (tensors) => discriminatorRules(sizeOf(tensors), architectureOf(tensors)),
  read: ({ attributes, tensors }) => {
    const said = new NvlabsAttributes(attributes);
    return {
      traits: { architecture: architectureOf(tensors), ...said.trait('convClamp', 'conv_clamp', CLAMPED) },
      habits: groupOf(said),
      refusals: [
        ...said.conditional(tensors),
        ...said.others('img_channels', [3], /^$/),
        ...said.others('mbstd', [], /^b4$/),
        ...said.others('num_channels', [1], /^b4\.mbstd$/),
        ...said.others('activation', ['linear'], LINEAR),
        ...said.others('activation', ['lrelu'], /^b\d+\.(fromrgb|conv|conv0|conv1|fc)$/),
        ...said.several('conv_clamp', CLAMPED),
      ],
      remarks: said.halves(),
    };
  },
};

/** Layers whose output NVlabs clamps; the others have no conv_clamp, whatever the network's is. */
const CLAMPED = /^b(\d+\.(conv[01]|conv)|(?!4\.)\d+\.fromrgb)$/;
const LINEAR = /^b\d+\.(out|skip)$/;

/** Over how many images the minibatch statistic was taken: `stddevGroup`. */
function groupOf(said: NvlabsAttributes): Traits {
  const [group] = said.values('group_size', /^b4\.mbstd$/);
  if (group === undefined) return {};
  return { stddevGroup: group === null ? 'batch' : Number(group) };
}

function sizeOf(tensors: StateDict): number {
  const resolutions = [...tensors.keys()].flatMap((name) => /^b(\d+)\.conv0\./.exec(name)?.[1] ?? []);
  return Math.max(SMALLEST, ...resolutions.map(Number));
}

function architectureOf(tensors: StateDict): 'resnet' | 'skip' | 'orig' {
  if ([...tensors.keys()].some((name) => /^b\d+\.skip\.weight$/.test(name))) return 'resnet';
  return tensors.has('b4.fromrgb.weight') ? 'skip' : 'orig';
}
