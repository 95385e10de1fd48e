import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loadEngine, readSafetensors, Interrupted } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import '../../index.ts';
import { curveOf, leftBy, trainStage, type Networks, type Setting } from '../testing/stage-harness.ts';

jest.setTimeout(120_000);

const FACE = { left_eye: [10, 12, 3], right_eye: [22, 12, 3], mouth: [16, 24, 5] };
const PARTS = { leftEye: 'left', rightEye: 'right', mouth: 'mouth' };

let folder: string;

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'components-'));
});

function landmarks(count = 32): string {
  const file = join(folder, `landmarks-${count}.json`);
  writeFileSync(
    file,
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`avatar-${i}`, FACE]))),
  );
  return file;
}

function train({ set = [], ...setting }: Setting = {}, options: object = {}): Promise<void> {
  const sizes = ['networks.generator', 'networks.discriminator', 'networks.gfpgan', 'data.train', 'data.test'];
  const components = { side: 32, discriminators: PARTS, landmarks: landmarks(), ...options };
  const parts = Object.values(PARTS).map((name) => `networks.${name}={type: facial-component-discriminator, width: 4}`);
  const all = [
    'networks.gfpgan.maxChannels=8',
    'networks.generator.maxChannels=8',
    'networks.discriminator.maxChannels=8',
    ...sizes.map((path) => `${path}.size=32`),
    ...parts,
    `stages.gfpgan.components=${JSON.stringify(components)}`,
  ];
  return trainStage('gfpgan-smoke.yaml', 'gfpgan', folder, { ...setting, set: [...all, ...set] });
}

describe('GFP-GAN with discriminators of the parts of the face', () => {
  test('trains them, draws their curves, keeps them; compiled or eager, in one piece or two, to the same bits', async () => {
    const vectors: string[][] = [];
    const counts: number[] = [];
    await train({
      onIteration: (networks) => {
        counts.push(tf.memory().numTensors);
        vectors.push(Object.values(PARTS).map((name) => networks.get(name)!.parameters.vector.dataSync().join()));
      },
    });
    Object.keys(PARTS).forEach((_, i) => expect(new Set(vectors.map((each) => each[i])).size).toBe(6));
    expect(new Set(counts).size).toBe(1);
    for (const key of [
      'loss_components',
      'loss_components_style',
      'loss_d_left_eye',
      'loss_d_right_eye',
      'loss_d_mouth',
    ]) {
      const values = await curveOf(folder, key);
      expect([key, values.length, values.every((value) => value > 0)]).toEqual([key, 2, true]);
    }
    const { tensors } = readSafetensors(join(folder, 'last.safetensors'));
    expect(tensors.get('right_eye.conv4.1.weight')!.shape).toEqual([16, 8, 3, 3]);

    const whole = await leftBy(folder);
    folder = mkdtempSync(join(tmpdir(), 'components-'));
    await expect(train({ compile: false, interruptAfter: 4 })).rejects.toThrow(Interrupted);
    await train({ compile: false });
    expect(await leftBy(folder)).toEqual(whole);
  });

  test('NaN in one of them stops it', async () => {
    let iterations = 0;
    const onIteration = (networks: Networks) => {
      const { vector } = networks.get('mouth')!.parameters;
      if (++iterations === 1) tf.tidy(() => vector.assign(tf.fill(vector.shape, NaN)));
    };
    await expect(train({ compile: false, onIteration })).rejects.toThrow(
      /stopped at iteration 2: in the discriminator of "mouth", `[\w.]+` returns numbers that are not finite/,
    );
  });

  const same = { discriminators: { ...PARTS, mouth: 'left' } };
  const other = { discriminators: { ...PARTS, mouth: 'discriminator' } };
  test.each([
    [
      'a missing landmarks file',
      { landmarks: '/no/such.json' },
      [],
      /Cannot read \/no\/such.json: there is no such file/,
    ],
    ['an image without landmarks', () => ({ landmarks: landmarks(3) }), [], /no landmarks of the image avatar-\d+/],
    ['one discriminator for two parts', same, [], /discriminator of its own, but these are left, right, left/],
    ['a network that judges no parts', other, [], /"discriminator" judges no parts of faces/],
    [
      'faces that are too small',
      {},
      ['networks.generator', 'networks.discriminator', 'networks.gfpgan', 'data.train'].map(
        (path) => `${path}.size=16`,
      ),
      /faces of 16x16 pixels are too small/,
    ],
  ])('%s is an error', async (_, options, set, message) => {
    const given: object = typeof options === 'function' ? options() : options;
    await expect(train({ compile: false, set }, given)).rejects.toThrow(message);
  });
});
