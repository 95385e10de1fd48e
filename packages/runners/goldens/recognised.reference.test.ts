import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  broadcast,
  isDiscriminator,
  isGenerator,
  isRestorer,
  toSigned,
  toUnit,
  truncate,
  type BdInvertEncoder,
  type Network,
} from '@dualprior/blocks';
import { loadEngine, Parameters, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import '../index.ts';
import { loadWeights } from '../networks/weights/load-weights.ts';
import { recognise, recogniseAll } from '../networks/weights/recognise.ts';
import { sharedGoldenFolder } from './folder.ts';
import { Golden, nchw, plain } from './golden.ts';

const folder = sharedGoldenFolder();
const checkpoints = join(folder, '../cases/checkpoints');
const present = existsSync(folder);

if (!present) console.warn(`Checkpoints in official layouts are not recognised: there is no folder ${folder}.`);

const files = (of: string) =>
  present ? readdirSync(of).filter((name) => /\.(pth|pt|pkl|safetensors)$/.test(name)) : [];

/** Networks whose images are in [-1, 1] there, where ours are in [0, 1]. */
const SIGNED = /gfpgan|gpen/;

/** What a recognised network makes of the inputs of its case, by the names of the reference values. */
function outputs(network: Network, golden: Golden): [name: string, NdArray][] {
  if (isGenerator(network)) {
    const w = network.map(golden.tensor<Tensor2D>('z'));
    if (golden.has('image_z_buffers'))
      return [
        ['w', plain(w)],
        ['image_z_buffers', nchw(network.synthesize(w))],
      ];
    const wp = truncate(broadcast(w, network.latents), network.meanLatent(), 0.7, 4);
    return [
      ['w', plain(w)],
      ['image_no_basecode', nchw(network.synthesize(wp))],
    ];
  }
  if (isDiscriminator(network)) return [['logits', plain(network.score(golden.image('input')))]];
  if (isRestorer(network)) {
    const input = golden.image('input');
    if (!SIGNED.test(golden.name)) {
      return [[golden.has('output') ? 'output' : 'output_stage2', nchw(network.restore(input).image)]];
    }
    return [['output', nchw(toSigned(network.restore(toUnit(input)).image))]];
  }
  const encoder = network as BdInvertEncoder;
  return [['basecode_enc', nchw(encoder.predictFeature(golden.image('encoder_input')))]];
}

beforeAll(() => void loadEngine('cpu'));

(present ? describe : describe.skip)('official checkpoints', () => {
  test.each(files(folder))('%s: the network that is recognised gives the official numbers', (name) => {
    const file = join(folder, name);
    const { spec, network, part } = recognise({ file });
    const { state } = loadWeights({ file, ...(part.name && { part: part.name }) }, network, spec, () => network);
    const golden = new Golden(folder, name.replace(/(_legacy|_raw)?\.pth$/, '').replace(/^bdinvert_.*/, 'bdinvert'));
    const parameters = new Parameters(network, state);
    tf.tidy(() => {
      const found = parameters.use(() => outputs(network, golden));
      for (const [tensor, { values, shape }] of found) {
        const expected = golden.array(tensor).values as Float32Array;
        const tolerance = golden.manifest.tensors[tensor]!.atol!;
        const error = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(values[i]))), 0);
        expect([tensor, values.length, error <= tolerance]).toEqual([tensor, expected.length, true]);
        expect(shape).toEqual(golden.array(tensor).shape);
      }
    });
    parameters.dispose();
  });

  test('all that hold a network are recognised', () => {
    const found = files(checkpoints).flatMap((name) => {
      try {
        return [[name, ...new Set(recogniseAll({ file: join(checkpoints, name) }).map(({ spec }) => spec.type))]];
      } catch {
        return [];
      }
    });
    const nafnets = ['device-in-it.pt', 'extra-f8.safetensors', 'extra-u32.safetensors', 'plain-params.pth'];
    const others = ['python2-zip.pth', 'rng.pt', 'rosinality.pt', 'set-in-it.pt', 'thop.pth', 'two-nets.pth'];
    expect(found).toEqual([
      ['basicsr-stylegan2-d.pth', 'stylegan2-discriminator'],
      ['basicsr-stylegan2-g.pth', 'stylegan2-generator'],
      ...nafnets.slice(0, 3).map((name) => [name, 'nafnet']),
      ['nvlabs_ada_a.pkl', 'stylegan2-generator', 'stylegan2-discriminator'],
      ...[nafnets[3]!, ...others].map((name) => [name, 'nafnet']),
    ]);
  });
});
