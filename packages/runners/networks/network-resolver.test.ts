import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { withMeanLatent, type Network } from '@dualprior/blocks';
import {
  Container,
  LOG,
  loadEngine,
  loadExperiment,
  Parameters,
  writeSafetensors,
  type Experiment,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import '../index.ts';
import { DualPrior } from './dual-prior.ts';
import { writeResult } from '../store/result-file.ts';
import { Store } from '../store/store.ts';
import { StoredStages } from '../store/stored-stages.ts';
import { NetworkResolver } from './network-resolver.ts';
import { plan } from '../experiment/plan.ts';
import { checkComponents } from '../checks/preflight.ts';

const experiments = resolve(import.meta.dirname, '../../../experiments');
const [smoke, dualPrior] = [join(experiments, 'smoke.yaml'), join(experiments, 'dual-prior-smoke.yaml')];
const lines: string[] = [];
const log = { info: (line: string) => void lines.push(line), warn: () => {} };
const NAFNET = 'type: nafnet, width: 8, encoderBlocks: [1, 1], middleBlocks: 1, decoderBlocks: [1, 1]';

let folder: string;

beforeAll(() => void loadEngine('cpu'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'resolver-'));
});

/** The smoke experiment with a network `other` and this about it. */
function experimentWith(options: string): Experiment {
  const set = [`networks.other={${options}}`, 'stages.hinet.network=other', 'methods.HINet.network=hinet.other'];
  return loadExperiment(smoke, { set });
}

function resolverOf(experiment: Experiment): NetworkResolver {
  const container = new Container(experiment, { services: [[LOG, log]] });
  return new NetworkResolver(experiment, new Store(folder), (spec) => container.create<Network>('network', spec), log);
}

const GENERATOR = 'type: stylegan2-generator, size: 16, styleWidth: 8, mappingLayers: 2, maxChannels: 4';

/** The smoke experiment with a generator `prior`. */
function experimentWithGenerator(options = ''): Experiment {
  return loadExperiment(smoke, { set: [`networks.prior={${GENERATOR}${options}}`] });
}

/** The initial weights of a network, as a state dict. */
function numbers(resolver: NetworkResolver, reference: string) {
  const state = resolver.resolve(reference).parameters.stateDict();
  resolver.release();
  return state;
}

test('a network begins with its file, with what a stage left, or as another network does; nothing stays', () => {
  const plain = resolverOf(loadExperiment(smoke));
  const before = tf.memory().numTensors;
  const first = numbers(plain, 'nafnet');
  const halved = new Map(
    [...first].map(([name, { shape, values }]) => [name, { shape, values: values.map((v) => v / 2) }]),
  );

  const file = join(folder, 'w.safetensors');
  writeSafetensors(file, halved);
  expect(numbers(resolverOf(experimentWith(`${NAFNET}, weights: ${file}`)), 'other')).toEqual(halved);

  const trained = experimentWith(`${NAFNET}, weights: nafnet.nafnet`);
  const stage = new Store(folder).open(trained.identity('stages', 'nafnet'));
  stage.update({ result: 'best' });
  writeResult(join(stage.path, 'best.safetensors'), [{ role: 'network', state: halved }]);
  expect(numbers(resolverOf(trained), 'other')).toEqual(halved);

  expect(numbers(resolverOf(experimentWith(`${NAFNET}, weights: nafnet`)), 'other')).toEqual(first);
  expect(tf.memory().numTensors).toBe(before);
});

test('a generator whose weights hold no mean latent gets a measured one when it is needed, and that is said once', () => {
  const resolver = resolverOf(experimentWithGenerator());
  const { module, parameters, fillMeanLatent } = resolver.resolve('prior');
  const fresh = parameters.stateDict();
  expect(fresh.get('latent_avg')!.values.every((value) => value === 0)).toBe(true);
  fillMeanLatent!();
  const filled = parameters.stateDict();
  resolver.release();
  const drawn = new Parameters(module, fresh);
  expect(filled).toEqual(withMeanLatent(drawn, [0, 0]));
  drawn.dispose();

  const file = join(folder, 'g.safetensors');
  writeSafetensors(file, filled);
  expect(numbers(resolverOf(experimentWithGenerator(`, weights: ${file}`)), 'prior')).toEqual(filled);

  writeSafetensors(file, new Map([...fresh].filter(([name]) => name !== 'latent_avg')));
  const lacking = resolverOf(experimentWithGenerator(`, weights: ${file}`));
  lines.length = 0;
  expect(numbers(lacking, 'prior')).toEqual(fresh);
  expect(numbers(lacking, 'prior')).toEqual(fresh);
  expect(lines).toEqual([`  ${file} holds no mean latent: it is measured over drawn latents where it is needed`]);
});

test('the way to x_G has the mean latent measured that it begins with', () => {
  const resolver = resolverOf(loadExperiment(dualPrior));
  const network = (name: string) => resolver.resolve(name);
  const generator = network('generator');
  const mean = () => [...generator.parameters.stateDict().get('latent_avg')!.values];
  expect(mean()).toEqual(mean().map(() => 0));
  new DualPrior({ regressor: network('regressor'), encoder: network('encoder'), generator });
  expect(mean()).not.toEqual(mean().map(() => 0));
  resolver.release();
});

test('the stage that a network begins with is trained before', () => {
  const experiment = loadExperiment(smoke, {
    set: ['networks.nafnet.weights=hinet.hinet'],
  });
  expect(plan(new StoredStages(experiment, new Store(folder))).map(({ name }) => name)).toEqual(['hinet', 'nafnet']);
});

test('weights that do not fit are found before anything is trained, with their place', () => {
  const file = join(folder, 'w.safetensors');
  writeSafetensors(file, numbers(resolverOf(loadExperiment(smoke)), 'nafnet'));
  const mistake = (options: string) => () => checkComponents(experimentWith(options), log);
  expect(mistake(`${NAFNET}, weights: ${file}`)).not.toThrow();
  expect(mistake(`type: nafnet, weights: ${file}`)).toThrow(
    /networks\.other\.weights: .*w\.safetensors does not fit nafnet:\n[^]*It fits \{type: nafnet, width: 8, encoderBlocks/,
  );
  expect(mistake(`type: nafnet, weights: hinet.other`)).toThrow(/circle/);
  expect(mistake(`type: nafnet, weights: nafnet.nafnet`)).toThrow(
    /"nafnet\.nafnet" is of another architecture:\n {2}missing/,
  );
  expect(mistake(`${NAFNET}, weights: ${join(folder, 'no.pth')}`)).toThrow(/Cannot read .*no\.pth/);
  writeFileSync(join(folder, 'bad.pth'), 'x');
  expect(mistake(`${NAFNET}, weights: ${join(folder, 'bad.pth')}`)).toThrow(/bad\.pth is not a PyTorch checkpoint/);
});
