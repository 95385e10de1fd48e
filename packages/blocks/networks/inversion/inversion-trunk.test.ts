import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { catalogue, loadEngine, Parameters, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import '../inversion-encoder.ts';
import { InversionTrunk, type InversionTrunkOptions } from './inversion-trunk.ts';

/** Results of the official code; `made` says how they were made. */
interface Reference {
  readonly made: string;
  readonly cases: readonly (InversionTrunkOptions & {
    /** Names and shapes of the official state dict. */
    readonly names: readonly string[];
    /** Every so many-th value of f (NHWC). */
    readonly every: number;
    readonly values: readonly number[];
  })[];
}

const { cases } = JSON.parse(
  readFileSync(new URL('./inversion-trunk.reference.json', import.meta.url), 'utf8'),
) as unknown as Reference;

beforeAll(() => void loadEngine('cpu'));

function formulaState(trunk: InversionTrunk): StateDict {
  const all = [...trunk.parameters(), ...trunk.buffers()].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    all.map(([name, { shape, size }], k) => {
      const scaled = scaling(name, shape, size);
      return [
        name,
        { shape, values: Float32Array.from({ length: size }, (_, i) => scaled(Math.sin(0.618 * i * i + k))) },
      ];
    }),
  );
}

function scaling(name: string, shape: readonly number[], size: number): (wave: number) => number {
  if (name.endsWith('num_batches_tracked')) return () => 0;
  if (name.endsWith('running_var')) return (wave) => 1 + 0.5 * Math.abs(wave);
  if (shape.length > 1) return (wave) => wave * Math.sqrt((2 * shape[0]!) / size);
  return name.endsWith('weight') ? (wave) => 1 + 0.1 * wave : (wave) => 0.1 * wave;
}

test.each(cases)(
  'gives the f of the official code: $channels channels after stages of $filterMin to $filterMax',
  ({ names, every, values, ...options }) => {
    const trunk = new InversionTrunk(options);
    const state = formulaState(trunk);
    const ours = [...state].map(([name, { shape }]) => `${name} ${shape.join()}`);
    expect(ours.filter((name) => !name.includes('num_batches_tracked')).sort()).toEqual([...names].sort());
    const side = options.inputSize;
    const image = Float32Array.from({ length: 2 * side * side * 3 }, (_, i) => Math.sin(0.37 * i + 0.0011 * i * i));
    const parameters = new Parameters(trunk, state);
    const { feature } = parameters.use(() => trunk.forward(tf.tensor4d(image, [2, side, side, 3])));
    const found = feature.dataSync().filter((_, i) => i % every === 0);
    values.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
    parameters.dispose();
  },
);

test('only an encoder that was another before counts as another', () => {
  const { versionOf } = catalogue.find('network', 'inversion-encoder')!.declaration;
  const options = { size: 64, resolution: 8, featureChannels: 128, latents: 8, styleWidth: 128 };
  const versions = [
    { filterMin: 32, filterMax: 128 },
    { filterMin: 32, filterMax: 64 },
    { filterMin: 16, filterMax: 128 },
    { filterMin: 256, filterMax: 128 },
  ].map((filters) => versionOf!({ ...options, ...filters }));
  expect(versions).toEqual([undefined, 2, 2, 2]);
});
