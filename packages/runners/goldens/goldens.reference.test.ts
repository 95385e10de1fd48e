import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  discriminatorState,
  fromGenforce,
  generatorState,
  GfpGan,
  Gpen,
  PspEncoder,
  StyleGan2Discriminator,
  StyleGan2Generator,
} from '@dualprior/blocks';
import { loadEngine, Parameters, readWeights, withoutPrefix } from '@dualprior/core';
import { loadWeights } from '../networks/weights/load-weights.ts';
import { genforceOptions } from './cases/bdinvert.ts';
import { gfpganOptions } from './cases/gfpgan.ts';
import { gpenOptions } from './cases/gpen.ts';
import { stylegan2Options } from './cases/stylegan2-options.ts';
import { checkCase } from './check.ts';
import { sharedGoldenFolder } from './folder.ts';
import { formulaValues } from './formula.ts';
import { Golden } from './golden.ts';

/** All but those that take long (`psp_encoder`, VGG, Inception); `yarn goldens` checks them as well. */
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
  'bdinvert',
  'psp_block',
  'lpips_alex',
  'lpips_squeeze',
  'contextual',
  'frechet',
  'gfpgan_clean_a',
  'gfpgan_clean_b',
  'gfpgan_v1',
  'gpen',
];

const folder = sharedGoldenFolder();
const present = existsSync(folder);
const required = Boolean(process.env.CI || process.env.DUALPRIOR_REQUIRE_SHARED);

if (!present && !required) console.warn(`The reference values are not checked: there is no folder ${folder}.`);

(present || required ? describe : describe.skip)('reference values of the official implementations', () => {
  beforeAll(() => {
    loadEngine();
  });

  test.each(CASES)('%s', async (name) => {
    const { status, tensor, maxError, tolerance, problem } = await checkCase(folder, name);
    expect({ status, problem }).toEqual({ status: 'ok', problem: undefined });
    expect(tensor).not.toBeNull();
    expect(maxError).toBeLessThanOrEqual(tolerance!);
  });

  test.each(['nafnet_a', 'hinet'])('the checkpoint %s.pth holds the weights that the formula gives', (name) => {
    const stored = withoutPrefix(readWeights(join(folder, `${name}.pth`)), 'params');
    expect(new Map([...stored].sort())).toEqual(new Map([...new Golden(folder, name).weights()].sort()));
  });

  test.each(['stylegan2_g', 'stylegan2_g_legacy'])('the checkpoint %s.pth fills the generator', (name) => {
    const state = generatorState(readWeights(join(folder, `${name}.pth`)));
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
    const state = discriminatorState(readWeights(join(folder, 'stylegan2_d.pth')));
    expect(new Map([...state].sort())).toEqual(new Map([...golden.weights()].sort()));
    new Parameters(new StyleGan2Discriminator(stylegan2Options(golden)), state).dispose();
  });

  test('the checkpoints of BDInvert fill our generator and trunk', () => {
    const golden = new Golden(folder, 'bdinvert');
    const weights = [...golden.weights()];
    const ofGenerator = new Map(weights.filter(([name]) => !name.startsWith('encoder:')));
    const create = () => new StyleGan2Generator(genforceOptions(golden));
    const spec = { type: 'stylegan2-generator', ...genforceOptions(golden) };
    const { state } = loadWeights({ file: join(folder, 'bdinvert_g.pth') }, create(), spec, create);
    expect(new Map([...state].sort())).toEqual(new Map([...fromGenforce(ofGenerator)!].sort()));
    const ofEncoder = weights.flatMap(([name, tensor]) =>
      name.startsWith('encoder:') ? [[name.slice(8), tensor]] : [],
    );
    const stored = withoutPrefix(readWeights(join(folder, 'bdinvert_encoder.pth')), 'encoder');
    expect([...stored].sort()).toEqual(ofEncoder.sort());
  });

  test.each(['gfpgan_clean_a', 'gfpgan_v1'])('the checkpoint %s.pth fills GFP-GAN', (name) => {
    const golden = new Golden(folder, name);
    const create = () => new GfpGan(gfpganOptions(golden));
    const { state } = loadWeights({ file: join(folder, `${name}.pth`) }, create(), { type: 'gfpgan' }, create);
    expect(new Map([...state].sort())).toEqual(new Map([...golden.weights()].sort()));
  });

  test.each(['gpen', 'gpen_raw'])('the checkpoint %s.pth fills GPEN', (name) => {
    const golden = new Golden(folder, 'gpen');
    const create = () => new Gpen(gpenOptions(golden));
    const { state } = loadWeights({ file: join(folder, `${name}.pth`) }, create(), { type: 'gpen' }, create);
    expect(new Map([...state].sort())).toEqual(new Map([...golden.weights()].sort()));
  });

  test("pSp's encoder has the official names and shapes", () => {
    const { manifest } = new Golden(folder, 'psp_encoder');
    const network = new PspEncoder({ styles: 8, styleWidth: 512, width: 64, mode: 'ir_se', imageChannels: 3 });
    const ours = [...network.parameters(), ...network.buffers()].map(([name, { shape }]) => [name, [...shape]]);
    const theirs = Object.entries(manifest.weights).map(([name, { shape }]) => [name, shape]);
    expect(ours.sort()).toEqual(theirs.sort());
  });

  test('the stored input is the one that the formula gives', () => {
    const golden = new Golden(folder, 'nafnet_a');
    const { values, shape } = golden.array('input');
    expect(shape).toEqual([1, 3, 40, 52]);
    expect([values[0], values[100]]).toEqual([Math.fround(0.579286754), Math.fround(0.288700998)]);
  });

  test('a case that is not there is missing', async () => {
    expect((await checkCase(folder, 'nafnet_z')).status).toBe('missing');
  });
});
