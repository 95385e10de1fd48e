import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { toUnit, type Dataset, type Generator, type Image, type Network, type SetMetric } from '@dualprior/blocks';
import {
  Container,
  loadEngine,
  loadExperiment,
  Parameters,
  Random,
  withOptions,
  type ComponentSpec,
  type StateDict,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import '../index.ts';
import { imagesMadeBy } from '../inference/images.ts';
import { loadWeights } from '../networks/weights/load-weights.ts';
import { recognise } from '../networks/weights/recognise.ts';
import { long } from '../testing/long.ts';
import { drawLatents } from '../stages/gan/latents.ts';

jest.setTimeout(240_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const FILE = resolve(ROOT, 'weights/avatars-prior-64.safetensors');
const IMAGES = 48;
const BATCH = 16;

const experiment = loadExperiment(resolve(ROOT, 'experiments/avatars-prior-64.yaml'), { set: [] });
const container = new Container(experiment);

beforeAll(() => void loadEngine('cpu'));

test('the weights of the drawn faces are less than 10 MB and have their card', () => {
  expect(statSync(FILE).size).toBeLessThan(10e6);
  const card = readFileSync(FILE.replace(/safetensors$/, 'md'), 'utf8');
  expect(card).toContain('avatars-prior-64.yaml');
  expect(card).toMatch(/Pablo Stanley/);
});

test.each(['generator', 'discriminator'])('they hold the %s that their experiment trains', (name) => {
  const { type, ...options } = withOptions(recognise({ file: FILE, part: name }).spec);
  const { type: trained } = experiment.entry('networks', name);
  expect(type).toBe(trained);
  expect(options).toMatchObject({ size: 64 });
  const { state, report } = shipped(name);
  expect(report).toMatch(name);
  expect([...state.values()].every(({ values }) => values.every(Number.isFinite))).toBe(true);
});

long(
  'their generator draws faces: by FID of 192 features much nearer to other drawings than fresh weights',
  async () => {
    const fid = container.create<SetMetric>(
      'metric',
      spec({ type: 'fid', features: { type: 'inception-v3-substitute' } }),
    );
    await fid.prepare?.();
    const vectorsOf = (images: readonly Image[]) => {
      const values = new Float32Array(images.length * fid.vectors.length);
      images.forEach((image, i) => values.set(fid.vectors.of([image]), i * fid.vectors.length));
      return { count: images.length, length: fid.vectors.length, values };
    };
    const drawings = vectorsOf(await drawn());
    const distance = (images: readonly Image[]) => fid.compare(vectorsOf(images), drawings)[1]!.value;
    const trained = distance(samples(shipped('generator').state));
    expect(trained).toBeLessThan(5); // 2.7; between two sets of drawings 0.9
    expect(distance(samples(new Random(1)))).toBeGreaterThan(5 * trained); // 37.8
    fid.dispose?.();
  },
);

const spec = (options: ComponentSpec & Readonly<Record<string, unknown>>): ComponentSpec => options;

function shipped(name: string) {
  const entry = experiment.entry('networks', name);
  const module = container.create<Network>('network', entry);
  return loadWeights({ file: FILE, part: name }, module, entry, () => module);
}

/** Drawings that the training has not seen. */
async function drawn(): Promise<Image[]> {
  const data = container.create<Dataset>('dataset', spec({ type: 'avatars', size: 64, limit: IMAGES, seed: 2 }));
  await data.prepare();
  return Promise.all(Array.from({ length: IMAGES }, (_, i) => data.read(i)));
}

function samples(state: StateDict | Random): Image[] {
  const generator = container.create<Generator>('network', experiment.entry('networks', 'generator'));
  const parameters = new Parameters(generator, state);
  const made = Array.from({ length: IMAGES / BATCH }, (_, i) =>
    imagesMadeBy(() =>
      parameters.use(() =>
        toUnit(generator.synthesize(drawLatents(generator, BATCH, 0, tf.tensor1d([i, 5], 'int32')))),
      ),
    ),
  );
  parameters.dispose();
  return made.flat();
}
