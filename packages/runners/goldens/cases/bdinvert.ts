import {
  broadcast,
  fromGenforce,
  gradientForGenforce,
  StyleGan2Generator,
  InversionTrunk,
  truncate,
} from '@dualprior/blocks';
import { UserError, type NdArray, type Parameters, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, plain, scalar, type Golden, type GoldenFamily } from '../golden.ts';
import { projection, withWeights } from './cotangent.ts';

interface Config {
  readonly generator: {
    readonly resolution: 64;
    readonly w_space_dim: number;
    readonly mapping_layers: number;
    readonly fmaps_base: number;
    readonly fmaps_max: number;
  };
  readonly encoder: {
    readonly encoder_input_shape: [number, number, number];
    readonly encoder_output_shape: [number, number, number];
    readonly filter_min: number;
    readonly filter_max: number;
  };
  readonly basecode_spatial_size: number;
}

const ENCODER = 'encoder:';
const GRADIENT = 'grad.';

/** BDInvert's base-code encoder, and genforce's generator (converted to ours) with and without a base code. */
export const bdinvert: GoldenFamily = {
  knows: ({ manifest }) => String(manifest.config.arch).includes('BDInvert encoder'),

  compute(golden) {
    const weights = [...golden.weights()];
    const ofEncoder = weights.filter(([name]) => name.startsWith(ENCODER));
    const ofGenerator = weights.filter(([name]) => !name.startsWith(ENCODER));
    const encoder = new Map(ofEncoder.map(([name, tensor]) => [name.slice(ENCODER.length), tensor]));
    const basecode = encode(golden, encoder);
    return new Map([['basecode_enc', nchw(basecode)], ...generate(golden, new Map(ofGenerator), basecode)]);
  },
};

function trunk({ manifest }: Golden): InversionTrunk {
  const { encoder } = manifest.config as unknown as Config;
  const [channels, resolution] = encoder.encoder_output_shape;
  return new InversionTrunk({
    inputSize: encoder.encoder_input_shape[1],
    resolution,
    channels,
    filterMin: encoder.filter_min,
    filterMax: encoder.filter_max,
  });
}

function encode(golden: Golden, weights: StateDict): Tensor4D {
  const network = trunk(golden);
  const image = golden.image('encoder_input');
  return withWeights(golden, network, (parameters) => parameters.use(() => network.forward(image).feature), weights);
}

function generate(golden: Golden, weights: StateDict, feature: Tensor4D): [string, NdArray][] {
  const network = new StyleGan2Generator(genforceOptions(golden));
  const converted = fromGenforce(weights);
  if (!converted) throw new UserError(`The generator of ${golden.name} is not in genforce's layout.`);
  return withWeights(
    golden,
    network,
    (parameters) => [...ofLatents(golden, network, parameters), ...ofBasecode(golden, network, parameters, feature)],
    converted,
  );
}

/** Options of our generator for genforce's of a case. */
export function genforceOptions({ manifest }: Golden): ConstructorParameters<typeof StyleGan2Generator>[0] {
  const { resolution, w_space_dim, mapping_layers, fmaps_base, fmaps_max } = (manifest.config as unknown as Config)
    .generator;
  return {
    size: resolution,
    channelMultiplier: fmaps_base / 2 ** 14,
    maxChannels: fmaps_max,
    styleWidth: w_space_dim,
    mappingLayers: mapping_layers,
    mappingRate: 0.01,
  };
}

function ofLatents(golden: Golden, network: StyleGan2Generator, parameters: Parameters): [string, NdArray][] {
  return parameters.use(() => {
    const w = network.map(golden.tensor<Tensor2D>('z'));
    const truncated = golden.outputs.flatMap((name): [string, NdArray][] => {
      const [, psi, layers] = /^wp_trunc(\d+)_layers(\d+)$/.exec(name) ?? [];
      if (psi === undefined) return [];
      const wp = truncate(
        broadcast(w, network.latents),
        network.meanLatent(),
        Number(psi) / 10 ** (psi.length - 1),
        Number(layers),
      );
      return [
        [name, plain(wp)],
        ['image_no_basecode', nchw(network.synthesize(wp))],
        ['basecode_natural', nchw(natural(golden, network, wp))],
      ];
    });
    return [['w', plain(w)], ...truncated];
  });
}

/** What the up-sampling layer makes that first reaches the resolution of the base code. */
function natural({ manifest }: Golden, network: StyleGan2Generator, wp: Tensor3D): Tensor4D {
  const { basecode_spatial_size } = manifest.config as unknown as Config;
  const layers = [network.conv1, ...network.convs].slice(0, network.firstLatent(basecode_spatial_size));
  const latents = tf.unstack(wp, 1) as Tensor[] as Tensor2D[];
  const noises = network.noises.of('stored', wp.shape[0]);
  return layers.reduce((x, layer, i) => layer.forward(x, latents[i]!, noises[i]!), network.input.forward(wp.shape[0]));
}

function ofBasecode(
  golden: Golden,
  network: StyleGan2Generator,
  parameters: Parameters,
  basecode: Tensor4D,
): [string, NdArray][] {
  const { basecode_spatial_size: resolution } = golden.manifest.config as unknown as Config;
  const cotangent = golden.image('R');
  const synthesize = (wp: Tensor, feature: Tensor) =>
    network.synthesize(wp as Tensor3D, { from: { resolution, feature: feature as Tensor4D } });
  const wp = golden.tensor<Tensor3D>('wp');
  const loss = (latents: Tensor, feature: Tensor, vector: Tensor) =>
    parameters.use(() => projection(synthesize(latents, feature), cotangent), vector as Tensor1D);
  const { value, grads } = tf.valueAndGrads(loss)([wp, basecode, parameters.vector]);
  const ofParameters = parameters.stateDict(grads[2] as Tensor1D);
  const named = golden.outputs.flatMap((name): [string, NdArray][] => {
    const parameter = name.slice(GRADIENT.length);
    const rule = golden.manifest.weights[parameter];
    if (!name.startsWith(GRADIENT) || !rule) return [];
    const gradient = gradientForGenforce(ofParameters, parameter, golden.manifest.tensors[name]!.shape);
    return gradient ? [[name, gradient]] : [];
  });
  return [
    ['image_basecode', nchw(parameters.use(() => synthesize(wp, basecode)))],
    ['loss', scalar(value as Scalar)],
    ['grad.wp', plain(grads[0]!)],
    ['grad.basecode_enc', nchw(grads[1]!)],
    ...named,
  ];
}
