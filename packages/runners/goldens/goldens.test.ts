import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { discriminatorState, generatorState, StyleGan2Discriminator, StyleGan2Generator } from '@dualprior/blocks';
import { loadEngine, Parameters, readPth, withoutPrefix } from '@dualprior/core';
import { stylegan2Options } from './cases/stylegan2-options.ts';
import { checkCase } from './check.ts';
import { defaultGoldenFolder } from './folder.ts';
import { formulaValues } from './formula.ts';
import { Golden } from './golden.ts';

const CASES = [
  'nafnet_a',
  'nafnet_b',
  'nafnet_local',
  'hinet',
  'losses',
  'psnr_ssim',
  'upfirdn2d',
  'modconv',
  'stylegan2_g',
  'stylegan2_d',
];

const folder = defaultGoldenFolder();
const present = existsSync(folder);
const required = Boolean(process.env.CI || process.env.DUALPRIOR_REQUIRE_SHARED);

if (!present && !required) console.warn(`The reference numbers are not checked: there is no folder ${folder}.`);

(present || required ? describe : describe.skip)('reference numbers of the official implementations', () => {
  beforeAll(() => {
    loadEngine();
  });

  test.each(CASES)('%s', (name) => {
    const { status, tensor, maxError, tolerance, problem } = checkCase(folder, name);
    expect({ status, problem }).toEqual({ status: 'ok', problem: undefined });
    expect(tensor).not.toBeNull();
    expect(maxError).toBeLessThanOrEqual(tolerance!);
  });

  test.each(['nafnet_a', 'hinet'])('the checkpoint %s.pth holds the weights that the formula gives', (name) => {
    const stored = withoutPrefix(readPth(join(folder, `${name}.pth`)), 'params');
    expect(new Map([...stored].sort())).toEqual(new Map([...new Golden(folder, name).weights()].sort()));
  });

  test.each(['stylegan2_g', 'stylegan2_g_legacy'])('the checkpoint %s.pth fills the generator', (name) => {
    const state = generatorState(readPth(join(folder, `${name}.pth`)));
    const golden = new Golden(folder, 'stylegan2_g');
    const mean = formulaValues(`${golden.manifest.key_prefix}latent_avg`, 64);
    const expected = golden.weights().set('latent_avg', { shape: [64], values: Float32Array.from(mean, (v) => v / 2) });
    expect(new Map([...state].sort())).toEqual(new Map([...expected].sort()));
    const parameters = new Parameters(new StyleGan2Generator(stylegan2Options(golden)), state);
    expect(parameters.stateDict().get('latent_avg')).toEqual(expected.get('latent_avg'));
    parameters.dispose();
  });

  test('the checkpoint stylegan2_d.pth fills the discriminator', () => {
    const golden = new Golden(folder, 'stylegan2_d');
    const state = discriminatorState(readPth(join(folder, 'stylegan2_d.pth')));
    expect(new Map([...state].sort())).toEqual(new Map([...golden.weights()].sort()));
    new Parameters(new StyleGan2Discriminator(stylegan2Options(golden)), state).dispose();
  });

  test('the stored input is the one that the formula gives', () => {
    const golden = new Golden(folder, 'nafnet_a');
    const { values, shape } = golden.array('input');
    expect(shape).toEqual([1, 3, 40, 52]);
    expect([values[0], values[100]]).toEqual([Math.fround(0.579286754), Math.fround(0.288700998)]);
  });

  test('a case that is not there is missing', () => {
    expect(checkCase(folder, 'nafnet_z').status).toBe('missing');
  });
});
