import { Avatars, FidMetric, StyleGan2Generator } from '@dualprior/blocks';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Journal, loadEngine, Parameters, Random } from '@dualprior/core';
import type * as tf from '@tensorflow/tfjs-core';
import { drawnExtractor } from '@dualprior/blocks/testing/drawn-extractor';
import type { Console } from '../../console/console.ts';
import { UnreadableImages } from '../../inference/unreadable-images.ts';
import { GeneratorQuality } from './quality.ts';
import { SampleGrid } from './sample-grid.ts';

loadEngine();

const SIDE = 16;

const module = new StyleGan2Generator({
  size: SIDE,
  channelMultiplier: 2,
  maxChannels: 4,
  styleWidth: 8,
  mappingLayers: 2,
  mappingRate: 0.01,
});
const generator = { reference: 'generator', module, parameters: new Parameters(module, new Random(1)) };
const folder = mkdtempSync(join(tmpdir(), 'not-finite-'));
const journal = Journal.open(join(folder, 'journal.jsonl'));
const context = { name: 'prior', folder, console: {} as Console, signal: new AbortController().signal };

/** The weights, but for NaN in the convolution of one layer. */
function broken(layer: string): tf.Tensor1D {
  const weights = generator.parameters.stateDict();
  const whole = generator.parameters.vector.clone();
  generator.parameters.load(
    new Map([...weights, [layer, { ...weights.get(layer)!, values: weights.get(layer)!.values.map(() => NaN) }]]),
  );
  const average: tf.Tensor1D = generator.parameters.vector.clone();
  generator.parameters.vector.assign(whole);
  return average;
}

test('a sample of an average that is not finite is an error with the stage and the layer, and no black picture', async () => {
  const grid = new SampleGrid({ every: 1, count: 4 }, generator, broken('convs.1.conv.weight'), context);
  await expect(grid.run(1, journal)).rejects.toThrow(
    /^The average of "generator" in stage "prior" returns numbers that are not finite for sample 0: `convs\.1\.conv` of stylegan2-generator is the first module/,
  );
  expect(readdirSync(folder)).toEqual(['journal.jsonl']);
});

test('so is what its quality is measured by', async () => {
  const data = new Avatars({ size: SIDE, holdOut: 0, seed: 1, limit: 4 });
  await data.prepare();
  const quality = {
    metric: new FidMetric({ features: drawnExtractor() }),
    column: 0,
    every: 1,
    images: 4,
    data,
    batch: 2,
  };
  const silent = { info: () => {}, warn: () => {} } as unknown as Console;
  const warned = { ...context, console: silent, unreadable: new UnreadableImages(silent) };
  const measure = (average: tf.Tensor1D) => new GeneratorQuality(quality, generator, average, warned).run(1, journal);
  expect(await measure(generator.parameters.vector)).toBeGreaterThan(0);
  await expect(measure(broken('conv1.conv.weight'))).rejects.toThrow(
    /^The average of "generator" in stage "prior" .* for generated image 0: `conv1\.conv` of stylegan2-generator is the/,
  );
});
