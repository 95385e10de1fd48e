import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import '../index.ts';
import { makeStage } from './testing/stage-harness.ts';

loadEngine();

const SCHEDULE = '{type: multistep, milestones: [50], gamma: 0.5}';
const landmarks = join(mkdtempSync(join(tmpdir(), 'warnings-')), 'landmarks.json');
writeFileSync(landmarks, JSON.stringify({ a: { left_eye: [10, 12, 3], right_eye: [22, 12, 3], mouth: [16, 24, 5] } }));

/** What a stage warns of; the network of this name has random weights. */
function warnings(
  file: string,
  stage: string,
  options: readonly string[],
  fresh?: string,
  networks: readonly string[] = [],
) {
  const set = [...networks, ...options.map((option) => `stages.${stage}.${option}`)];
  const made = makeStage(file, stage, { set });
  if (fresh !== undefined) Object.assign(made.networks.get(fresh)!, { fresh: true });
  const found = made.stage.warnings();
  for (const { parameters } of made.networks.values()) parameters.dispose();
  return found;
}

const beyond = (option: string) => `\`${option}\`: the milestone 50 of the rate will not be reached in 10 iterations`;
const unsaved = '`saveEvery` is 20, but the training has 10 iterations: nothing will be saved before the end';
const LATE = ['iterations=10', 'saveEvery=20'];

test.each([
  ['smoke.yaml', 'nafnet', [`optimizer.schedule=${SCHEDULE}`], [beyond('optimizer')]],
  ['dual-prior-smoke.yaml', 'fuse', [`optimizer.schedule=${SCHEDULE}`], [beyond('optimizer')]],
  ['dual-prior-smoke.yaml', 'invert', [`optimizers.encoder.schedule=${SCHEDULE}`], [beyond('optimizers.encoder')]],
  ['gan-smoke.yaml', 'prior', [`optimizers.discriminator.schedule=${SCHEDULE}`], [beyond('optimizers.discriminator')]],
  ['gpen-smoke.yaml', 'gpen', [`optimizers.network.schedule=${SCHEDULE}`], [beyond('optimizers.network')]],
  [
    'gfpgan-smoke.yaml',
    'gfpgan',
    [`optimizers.network.schedule=${SCHEDULE}`, 'pyramid.until=11'],
    [
      beyond('optimizers.network'),
      '`pyramid.until` is 11, but the training has 10 iterations: the pyramid will count to the end',
    ],
  ],
])('%s: stage %s warns of what comes after its end', (file, stage, options, expected) => {
  const found = warnings(file, stage, [...LATE, ...options]);
  expect([...found].sort()).toEqual([...expected, unsaved].sort());
});

test.each([
  ['smoke.yaml', 'nafnet'],
  ['smoke.yaml', 'hinet'],
  ['dual-prior-smoke.yaml', 'fuse'],
  ['dual-prior-smoke.yaml', 'invert'],
  ['gan-smoke.yaml', 'prior'],
  ['gpen-smoke.yaml', 'gpen'],
  ['gfpgan-smoke.yaml', 'gfpgan'],
])('%s: stage %s warns of nothing else', (file, stage) => {
  expect(warnings(file, stage, [])).toEqual([]);
});

test.each([
  ['smoke.yaml', 'hinet', 'ema.decay=0.99', 'hinet'],
  ['gpen-smoke.yaml', 'gpen', 'ema.decay=0.99', 'gpen'],
  ['gfpgan-smoke.yaml', 'gfpgan', 'ema.decay=0.99', 'gfpgan'],
  ['gan-smoke.yaml', 'prior', 'ema={halfLife: 551.7, rampUp: 0}', 'generator'], // 0.5^(8 / 551.7) = 0.99
])('%s: stage %s warns of what its average keeps of the initial weights, the more if they are random', (...all) => {
  const [file, stage, ema, network] = all;
  // 0.99^10 = 0.904; 0.01^(1/10) = 0.6309, exp(-1/10) = 0.9048
  const still = '`ema`: after 10 updates the average of the weights will still hold 90 % of the first ones';
  const options = ['iterations=10', ema];
  expect(warnings(file, stage, options)).toEqual([`${still}: a decay of 0.9048 would leave 37 %`]);
  expect(warnings(file, stage, options, network)).toEqual([
    `${still}, which are random: a decay of 0.6309 would leave 1.0 %`,
  ]);
});

test('GFP-GAN warns of its pyramid only where that counts and lasts longer than the training', () => {
  const of = (...options: string[]) => warnings('gfpgan-smoke.yaml', 'gfpgan', ['iterations=10', ...options]);
  expect(of('pyramid.until=10')).toEqual([]);
  expect(of('pyramid={until: 11, weight: 0}')).toEqual([]);
  expect(of('pyramid={until: 11, weight: 0.1}')).toHaveLength(1);
});

test('GFP-GAN warns of the optimizer of the discriminators of parts', () => {
  const parts = ['left', 'right', 'mouth'];
  const networks = parts.map((name) => `networks.${name}={type: facial-component-discriminator, width: 4}`);
  const sizes = ['networks.generator', 'networks.discriminator', 'networks.gfpgan', 'data.train'];
  const options = { landmarks, discriminators: { leftEye: 'left', rightEye: 'right', mouth: 'mouth' } };
  const set = [...networks, ...sizes.map((path) => `${path}.size=32`)];
  const of = (components: object) =>
    warnings(
      'gfpgan-smoke.yaml',
      'gfpgan',
      ['iterations=10', `components=${JSON.stringify(components)}`],
      undefined,
      set,
    );
  const schedule = { type: 'multistep', milestones: [50], gamma: 0.5 };
  expect(of({ ...options, optimizer: { type: 'adam', schedule } })).toEqual([beyond('components.optimizer')]);
  expect(of({ ...options, optimizer: { type: 'adam' } })).toEqual([]);
});
