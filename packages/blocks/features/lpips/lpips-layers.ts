import type { PerceptualLayer } from '../feature-extractor.ts';

const layers = (names: readonly string[], channels: readonly number[]): readonly PerceptualLayer[] =>
  names.map((name, i) => ({ name, channels: channels[i]! }));

/** The layers that LPIPS v0.1 compares (PerceptualSimilarity:lpips/pretrained_networks.py), by the extractor's type. */
export const LPIPS_LAYERS = {
  vgg16: layers(['relu1_2', 'relu2_2', 'relu3_3', 'relu4_3', 'relu5_3'], [64, 128, 256, 512, 512]),
  alexnet: layers(['relu1', 'relu2', 'relu3', 'relu4', 'relu5'], [64, 192, 384, 256, 256]),
  squeezenet: layers(
    ['relu1', 'fire3', 'fire5', 'fire6', 'fire7', 'fire8', 'fire9'],
    [64, 128, 256, 384, 384, 512, 512],
  ),
} as const;
