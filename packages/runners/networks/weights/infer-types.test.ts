import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Network } from '@dualprior/blocks';
import {
  catalogue,
  loadEngine,
  loadExperiment,
  withOptions,
  writeSafetensors,
  type Experiment,
  type SpecWithOptions,
  type StateDict,
} from '@dualprior/core';
import '../../index.ts';
import { ofOneNetwork, ofStage } from '../../store/weights-metadata.ts';
import { recognise } from './recognise.ts';

const SMOKE = resolve(import.meta.dirname, '../../../../experiments/smoke.yaml');
const NAFNET = { type: 'nafnet', width: 8, encoderBlocks: [1, 1], middleBlocks: 1, decoderBlocks: [1, 1] };
const HINET = { type: 'hinet', width: 4, depth: 2 };

let folder: string;

function stateOf(spec: SpecWithOptions, prefix = ''): StateDict {
  const { type, ...options } = spec;
  const { create, declaration } = catalogue.find('network', type)!;
  const defaults = Object.entries(declaration.options.properties).map(([name, option]) => [
    name,
    option.default as unknown,
  ]);
  const module = new create({ ...Object.fromEntries(defaults), ...options }) as Network;
  const all = [...module.parameters(), ...module.buffers()];
  return new Map(all.map(([name, { shape, size }]) => [prefix + name, { shape, values: new Float32Array(size) }]));
}

function fileOf(state: StateDict, metadata?: Record<string, string>): string {
  const file = join(folder, 'w.safetensors');
  writeSafetensors(file, state, metadata);
  return file;
}

/** The smoke experiment with a network `other`, which a stage trains. */
function withOther(options: string): Experiment {
  return loadExperiment(SMOKE, {
    set: [`networks.other={${options}}`, 'stages.hinet.network=other', 'methods.HINet.network=hinet.other'],
  });
}

const otherOf = (experiment: Experiment) => withOptions(experiment.entry('networks', 'other'));

beforeAll(() => void loadEngine('cpu'));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'infer-'));
});

describe('a network of which only the weights are written', () => {
  test('is what the file holds, with the same identity as one that is written out', () => {
    const file = fileOf(stateOf(NAFNET, 'params.'));
    const alone = withOther(`weights: ${file}`);
    const written = withOther(`${JSON.stringify(NAFNET).slice(1, -1)}, weights: ${file}`);
    expect(otherOf(alone)).toEqual(otherOf(written));
    expect(alone.identity('stages', 'hinet')).toBe(written.identity('stages', 'hinet'));
    const others = withOther(`weights: ${fileOf(stateOf({ ...NAFNET, width: 4 }))}`);
    expect(others.identity('stages', 'hinet')).not.toBe(alone.identity('stages', 'hinet'));
  });

  test('may have options that the file does not tell, and may name a part', () => {
    const file = fileOf(new Map([...stateOf(NAFNET, 'a.'), ...stateOf(HINET, 'b.')]));
    expect(otherOf(withOther(`weights: {file: ${file}, part: b}, reluSlope: 0.1`))).toMatchObject({
      ...HINET,
      reluSlope: 0.1,
    });
    expect(() => withOther(`weights: ${file}`)).toThrow(/holds several networks\. Say which one is meant/);
  });

  test.each([
    [
      'there is no file',
      () => 'weights: ./none.pth',
      /networks\.other: there is no .*none\.pth, which would tell the type\./,
    ],
    [
      'it is of published weights that are missing',
      () => 'weights: gfpgan-v1.4',
      /weights fetch gfpgan-v1\.4` gets it/,
    ],
    ['it holds no network', () => `weights: ${noNetwork()}`, /holds no network that is known here/],
    ['it is damaged', () => `weights: ${damaged()}`, /bad\.pth is not a PyTorch checkpoint, or it is damaged/],
    [
      'it is another network of the experiment',
      () => 'weights: nafnet',
      /networks\.other has no type: which network\?/,
    ],
  ])('is an error where %s', (_, options, message) => {
    expect(() => withOther(options())).toThrow(message);
  });

  function noNetwork(): string {
    return fileOf(new Map([['x', { shape: [1], values: new Float32Array(1) }]]));
  }

  function damaged(): string {
    const file = join(folder, 'bad.pth');
    writeFileSync(file, 'PK and nothing else');
    return file;
  }
});

describe('names of published weights', () => {
  const load = (set: string) => loadExperiment(SMOKE, { set: [set], env: { DUALPRIOR_CACHE: '/cache' } });

  test('stand for their files in the cache', () => {
    expect(load('networks.nafnet.weights=nafnet-gopro-width32').weightsFiles()).toEqual(
      new Map([['/cache/weights/NAFNet-GoPro-width32.pth', ['networks.nafnet.weights']]]),
    );
  });

  test.each([
    [
      'networks.nafnet.weights=nafnet-gopro-width3',
      /no "nafnet-gopro-width3" in networks(.|\n)*did you mean "nafnet-gopro-width32"/,
    ],
    [
      'metrics.lpips={type: lpips, features: {type: alexnet, weights: alexnett}}',
      /no published weights "alexnett"(.|\n)*did you mean "alexnet"/,
    ],
    ['networks.vgg16={type: nafnet}', /"vgg16" is the name of published weights/],
  ])('that are wrong are errors: %s', (set, message) => {
    expect(() => load(set)).toThrow(message);
  });
});

describe('metadata', () => {
  test('of one network, or of the networks of a stage, tell what shapes cannot', () => {
    const experiment = loadExperiment(SMOKE, { set: ['networks.hinet.reluSlope=0.3'] });
    const spec = withOptions(experiment.entry('networks', 'hinet'));
    const one = recognise({ file: fileOf(stateOf(spec), ofOneNetwork(spec)) });
    expect([one.spec, one.untold]).toEqual([spec, []]);
    const stage = recognise({ file: fileOf(stateOf(spec, 'network.ema.'), ofStage(experiment, 'hinet')) });
    expect([stage.spec, stage.untold]).toEqual([spec, []]);
  });

  test.each([
    ['another type', { architecture: 'nafnet', options: '{"reluSlope": 0.3}' }],
    ['options that cannot be', { architecture: 'hinet', options: '{"reluSlope": "much"}' }],
    ['no JSON', { architecture: 'hinet', options: '{' }],
    ['a strange map', { networks: '{"__proto__": {"architecture": "hinet"}}' }],
  ])('of %s are taken for none', (_, metadata) => {
    const { spec, untold } = recognise({ file: fileOf(stateOf(HINET), metadata) });
    expect([spec['reluSlope'], untold]).toEqual([0.2, ['reluSlope']]);
  });
});
