import type { Layout, Rule } from '../layouts/layout.ts';

const GENERATOR: readonly Rule[] = [
  { pattern: /^style_mlp\.(\d+)\./, name: 'style.$1.' },
  { pattern: /^constant_input\.weight$/, name: 'input.input' },
  { pattern: /^noises\.noise(\d+)$/, name: 'noises.noise_$1' },
  { pattern: /^style_(conv1|convs\.\d+)\.weight$/, name: '$1.noise.weight' },
  { pattern: /^style_(conv1|convs\.\d+)\.modulated_conv\./, name: '$1.conv.' },
  { pattern: /^style_(conv1|convs\.\d+)\.activate\./, name: '$1.activate.' },
  { pattern: /^(to_rgb1|to_rgbs\.\d+)\.modulated_conv\./, name: '$1.conv.' },
];

/** BasicSR's generator (BasicSR:basicsr/archs/stylegan2_arch.py, StyleGAN2Generator), without the blurs, which it does not store. */
export const basicsrGenerator: Layout = {
  name: 'BasicSR',
  network: 'stylegan2-generator',
  marks: ['constant_input.weight', 'style_mlp.1.weight', 'style_conv1.activate.bias'],
  rules: () => GENERATOR,
};

const DISCRIMINATOR: readonly Rule[] = [{ pattern: /^conv_body\./, name: 'convs.' }];

/** BasicSR's discriminator (the same file, StyleGAN2Discriminator), without the blurs as well. */
export const basicsrDiscriminator: Layout = {
  name: 'BasicSR',
  network: 'stylegan2-discriminator',
  marks: ['conv_body.0.0.weight', 'final_linear.1.weight'],
  rules: () => DISCRIMINATOR,
};
