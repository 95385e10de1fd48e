/** Options that make a network of the catalogue small, by its type: one line for each that is large by default, and tests find it. */
export const SMALL_NETWORKS: Readonly<Record<string, object>> = {
  nafnet: { width: 4, encoderBlocks: [1, 1], middleBlocks: 1, decoderBlocks: [1, 1] },
  hinet: { width: 4, depth: 3 },
  gpen: { size: 16, maxChannels: 4, styleWidth: 8, mappingLayers: 2 },
  'stylegan2-generator': { size: 16, maxChannels: 4, styleWidth: 8, mappingLayers: 2 },
  'stylegan2-discriminator': { size: 16, maxChannels: 4 },
  'facial-component-discriminator': { width: 4 },
  'inversion-encoder': {
    size: 16,
    resolution: 4,
    featureChannels: 4,
    latents: 2,
    styleWidth: 4,
    filterMin: 4,
    filterMax: 8,
  },
  'bdinvert-encoder': { inputSize: 16, resolution: 4, featureChannels: 4, filterMin: 4, filterMax: 8 },
  gfpgan: { size: 16, maxChannels: 4, styleWidth: 8, mappingLayers: 2 },
  'psp-encoder': { styles: 8, styleWidth: 4, width: 2 },
  fusion: { width: 4, blocks: 2, normalization: 'batch' },
};
