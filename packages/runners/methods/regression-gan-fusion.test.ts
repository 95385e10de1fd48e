import { resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import {
  Container,
  loadEngine,
  loadExperiment,
  LOG,
  Parameters,
  Random,
  UserError,
  parseNetworkReference,
} from '@dualprior/core';
import type { Network } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { edit, passOn } from '../stages/testing/edit-network.ts';
import '../index.ts';
import { stagesBehind } from '../report/record/cost.ts';
import type { Method } from './method.ts';

const SMOKE = resolve(import.meta.dirname, '../../../experiments/dual-prior-smoke.yaml');
const REGRESSED = 'methods.Regressed={type: regression-gan-fusion, regressor: restore.regressor, output: regressed}';

beforeAll(() => void loadEngine());

const load = (...set: string[]) => loadExperiment(SMOKE, { set });

/** The methods of the smoke experiment, on initial weights. */
function container(...set: string[]) {
  const experiment = load(...set);
  const networks = new Map<string, TrainedNetwork>();
  const resolveNetwork = (reference: string): TrainedNetwork => {
    const { network } = parseNetworkReference(reference);
    const module = container.create<Network>('network', experiment.entry('networks', network));
    const known = networks.get(reference);
    if (known) return known;
    const made = { reference, module, parameters: new Parameters(module, new Random(1), network) };
    networks.set(reference, made);
    return made;
  };
  const container = new Container(experiment, {
    services: [[LOG, { info: () => {}, warn: () => {} }]],
    resolve: { networks: resolveNetwork },
  });
  return { methods: (name: string) => container.get<Method>('methods', name), networks };
}

test('each output needs the networks before it and no others', () => {
  const { methods, networks } = container(REGRESSED);
  const [regressed, inverted, fused] = ['Regressed', 'Inverted', 'Ours'].map(methods) as [Method, Method, Method];
  const batch = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 3], 0, 1, 'float32', 1);
  const steps = tf.tidy(() => fused.views!.make(batch).map((image) => image.dataSync()));
  const results = [regressed, inverted, fused].map((method) => tf.tidy(() => method.restore(batch).dataSync()));
  expect(results).toEqual(steps);
  const counts = ['restore.regressor', 'invert.encoder', 'invert.generator', 'fuse.fusion'].map(
    (reference) => networks.get(reference)!.parameters.count,
  );
  const sum = (count: number) => counts.slice(0, count).reduce((a, b) => a + b, 0);
  expect([regressed, inverted, fused].map(({ parameters }) => parameters)).toEqual([sum(1), sum(3), sum(4)]);
  expect([regressed, inverted, fused].map(({ size, views }) => [size, views?.names.length])).toEqual([
    [undefined, undefined],
    [16, undefined],
    [16, 3],
  ]);
  networks.forEach(({ parameters }) => parameters.dispose());
});

test('F is given x_R first and x_G second, and what leads to x_hat is shown in this order', () => {
  const { methods, networks } = container(REGRESSED);
  const [regressed, inverted, fused] = ['Regressed', 'Inverted', 'Ours'].map(methods) as [Method, Method, Method];
  const batch = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 3], 0, 1, 'float32', 1);
  const restored = (method: Method) => tf.tidy(() => method.restore(batch).dataSync());
  const fusion = networks.get('fuse.fusion')!;
  for (const [passes, expected] of [
    ['conv_regressed', regressed],
    ['conv_inverted', inverted],
  ] as const) {
    passOn(fusion, passes);
    const [ours, theirs] = [restored(fused), restored(expected)];
    ours.forEach((value, i) => expect(value).toBeCloseTo(theirs[i]!, 5));
  }
  const [x, y] = [restored(regressed), restored(inverted)];
  expect(Math.max(...x.map((value, i) => Math.abs(value - y[i]!)))).toBeGreaterThan(0.1);
  const shown = tf.tidy(() => fused.views!.make(batch).map((image) => image.dataSync()));
  expect(fused.views!.names).toEqual(['x_R', 'x_G', 'x_hat']);
  expect(shown.slice(0, 2)).toEqual([x, y]);
  networks.forEach(({ parameters }) => parameters.dispose());
});

test('x_G is made with the stored noise, the same again each time', () => {
  const { methods, networks } = container();
  const inverted = methods('Inverted');
  const batch = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 3], 0, 1, 'float32', 1);
  const restored = () => tf.tidy(() => [...inverted.restore(batch).dataSync()]);
  const generator = networks.get('invert.generator')!;
  const withNoise = (strength: number, stored: number) => {
    edit(generator, (name, values) => {
      if (name.endsWith('noise.weight')) values.fill(strength);
      if (name.startsWith('noises.')) values.fill(stored);
    });
    return restored();
  };
  const without = withNoise(0, 1);
  expect(withNoise(1, 0)).toEqual(without);
  const loud = withNoise(1, 1);
  expect(loud).not.toEqual(without);
  expect(restored()).toEqual(loud);
  networks.forEach(({ parameters }) => parameters.dispose());
});

test('the row x_G does not depend on stage 2, x_R on neither', () => {
  const experiment = load(REGRESSED);
  expect(stagesBehind(experiment, 'Regressed')).toEqual(['restore']);
  expect(stagesBehind(experiment, 'Inverted')).toEqual(['restore', 'prior', 'invert']);
  const edited = load(REGRESSED, 'stages.fuse.iterations=7');
  for (const name of ['Regressed', 'Inverted']) {
    expect(edited.identity('methods', name)).toBe(experiment.identity('methods', name));
  }
  expect(edited.identity('methods', 'Ours')).not.toBe(experiment.identity('methods', 'Ours'));
});

test.each([
  ['Ours', 'methods.Ours.encoder=null', /`output: fused`: it needs `encoder`, which is missing/],
  ['Ours', 'methods.Ours.fusion=null', /`output: fused`: it needs `fusion`/],
  ['Inverted', 'methods.Inverted.generator=null', /`output: inverted`: it needs `generator`/],
  ['Inverted', 'methods.Inverted.fusion=fuse.fusion', /`output: inverted`: it does not use `fusion`; leave it out/],
  ['Ours', 'methods.Ours.output=regressed', /not use `encoder`; leave it out; .* `generator`; .* `fusion`/],
])('%s with %s is an error', (name, set, message) => {
  const made = () => container(set).methods(name);
  expect(made).toThrow(message);
  expect(made).toThrow(UserError);
});
