import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  alexnet,
  squeezenet,
  vgg,
  type Image,
  type Trunk,
  AlexNetFeatures,
  SqueezeNetFeatures,
  Vgg16Features,
  LpipsMetric,
} from '@dualprior/blocks';
import { cacheFolder, loadEngine, readWeights, writeSafetensors } from '@dualprior/core';
import { findLpipsHeads } from '../../../tools/setup/lpips-heads.mjs';
import { formulaValues } from './formula.ts';

/** What the authors' package computes with its heads and a random trunk (lpips-heads.py). */
const reference = JSON.parse(readFileSync(new URL('lpips-heads.json', import.meta.url), 'utf8')) as {
  readonly width: number;
  readonly height: number;
  readonly distances: Readonly<Record<string, number>>;
};

const folder = findLpipsHeads(cacheFolder());
if (folder === undefined) process.stderr.write('The heads of LPIPS are not tested: npm run setup -- --lpips\n');
const withHeads = folder === undefined ? describe.skip : describe;

const NETS = {
  alex: { trunk: alexnet, Features: AlexNetFeatures },
  vgg: { trunk: () => vgg('vgg16'), Features: Vgg16Features },
  squeeze: { trunk: squeezenet, Features: SqueezeNetFeatures },
} as const;

const PERIOD = 4099;

/** A weights file that come from their names. */
function randomTrunk(trunk: Trunk): string {
  const state = [...trunk.parameters()].map(([name, { shape, size }]) => {
    const fanIn = shape.slice(1).reduce((product, length) => product * length, 1);
    const scale = name.endsWith('bias') ? 0.1 : Math.sqrt(6 / fanIn);
    const values = new Float32Array(size);
    const pattern = Float32Array.from(formulaValues(name, PERIOD), (value) => scale * value);
    for (let at = 0; at < size; at += PERIOD) values.set(pattern.subarray(0, size - at), at);
    return [name, { shape, values }] as const;
  });
  const file = join(mkdtempSync(join(tmpdir(), 'lpips-')), 'trunk.safetensors');
  writeSafetensors(file, new Map(state));
  return file;
}

function picture(name: string): Image {
  const { width, height } = reference;
  const values = formulaValues(name, width * height * 3);
  return { width, height, data: Uint8Array.from(values, (value) => Math.floor((value + 1) * 128)) };
}

withHeads("LPIPS with its authors' heads, which Python 2 pickled", () => {
  beforeAll(() => void loadEngine());

  test.each(Object.keys(NETS) as (keyof typeof NETS)[])('%s is what their package computes', async (net) => {
    const { trunk, Features } = NETS[net];
    const features = new Features({ weights: randomTrunk(trunk()) });
    const metric = new LpipsMetric({ features, heads: join(folder!, 'v0.1', `${net}.pth`) });
    await metric.prepare();
    const [distance] = metric.measure(picture('first'), picture('second'));
    metric.dispose();
    expect(Math.abs(distance! / reference.distances[net]! - 1)).toBeLessThan(1e-6);
  });

  test('of version 0.0 are read too', () => {
    const channels = { alex: 1152, vgg: 1472, squeeze: 2240 };
    for (const [net, count] of Object.entries(channels)) {
      const heads = [...readWeights(join(folder!, 'v0.0', `${net}.pth`)).values()];
      expect(heads.reduce((sum, { values }) => sum + values.length, 0)).toBe(count);
    }
  });
});
