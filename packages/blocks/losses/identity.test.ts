import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  loadEngine,
  Parameters,
  weightsOnDisk,
  writeSafetensors,
  type Engine,
  type Module,
  type StateDict,
  type StateTensor,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { FaceNetwork, FaceNetworkShape } from '../features/arcface/face-network.ts';
import { FACE_NETWORKS, type FaceArchitecture } from '../features/arcface/face-networks.ts';
import { IrSe50 } from '../features/arcface/ir-se50.ts';
import { IResNet } from '../features/arcface/iresnet.ts';
import { ResNetArcFace } from '../features/arcface/resnet-arcface.ts';
import { identityDistance, IdentityLoss } from './identity.ts';

/** Numbers of the official code; `made` says how they were made. */
interface Reference {
  readonly made: string;
  /** SHA-256 of the official state dict's names and shapes, and how many there are. */
  readonly names: Readonly<Record<string, [string, number]>>;
  readonly cases: readonly Case[];
}

interface Case {
  readonly architecture: keyof typeof NETWORKS;
  readonly imageSide: number;
  /** Every 197th number of the prediction as the network takes it (NHWC). */
  readonly input: readonly number[];
  /** The embedding of the second image. */
  readonly embedding: readonly number[];
  readonly loss: number;
  readonly gradientNorm: number;
  /** Every so many-th number of the gradient with respect to the prediction (NHWC). */
  readonly gradientEvery: number;
  readonly gradient: readonly number[];
}

const REFERENCE = JSON.parse(
  readFileSync(new URL('./identity.reference.json', import.meta.url), 'utf8'),
) as unknown as Reference;

const SMALL = { side: 32, blocks: [2, 1, 1, 1], embedding: 8 } as const;
const NETWORKS = {
  resnet18: (shape: FaceNetworkShape) => new ResNetArcFace(shape),
  'ir-se50': (shape: FaceNetworkShape) => new IrSe50(shape),
  iresnet18: (shape: FaceNetworkShape) => new IResNet(shape),
};
const WIDTHS = { resnet18: 4, 'ir-se50': 16, iresnet18: 4 };

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

function shapes(module: Module): [string, readonly number[]][] {
  const tensors = [...module.parameters(), ...module.buffers()];
  return tensors.map(([name, { shape }]) => [name, shape]);
}

/** Numbers for the whole network, made in little time. */
function official(): [string, StateTensor][] {
  return shapes(new ResNetArcFace()).map(([name, shape]) => {
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
    const scale = shape.length > 1 ? 2 / Math.sqrt(values.length / shape[0]!) : 1;
    for (let i = 0; i < values.length; i++)
      values[i] = scale * (((i * 7919) % 1013) / 1013 - (shape.length > 1 ? 0.5 : 0));
    if (name.endsWith('running_var')) values.fill(1);
    return [name, { shape, values }];
  });
}

/** Numbers that PyTorch can make as well. */
function formulaState(module: Module): StateDict {
  const sorted = shapes(module).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    sorted.map(([name, shape], k) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const scaled = scaling(name, shape, size);
      return [
        name,
        { shape, values: Float32Array.from({ length: size }, (_, i) => scaled(Math.sin(0.618 * i * i + k))) },
      ];
    }),
  );
}

function scaling(name: string, shape: readonly number[], size: number): (value: number) => number {
  if (name.endsWith('running_var')) return (v) => 1 + 0.5 * v;
  if (/(running_mean|bias)$/.test(name)) return (v) => 0.1 * v;
  return shape.length > 1 ? (v) => (2 * v) / Math.sqrt(size / shape[0]!) : (v) => 0.5 + 0.3 * v;
}

function images(side: number, wave: (n: number, y: number, x: number, c: number) => number): Tensor4D {
  const values = Float32Array.from({ length: 2 * side * side * 3 }, (_, i) => {
    const [c, x, y, n] = [
      i % 3,
      Math.floor(i / 3) % side,
      Math.floor(i / 3 / side) % side,
      Math.floor(i / 3 / side ** 2),
    ];
    return 0.5 + 0.5 * Math.sin(wave(n, y, x, c));
  });
  return tf.tensor4d(values, [2, side, side, 3]);
}

const prediction = (side: number) => images(side, (n, y, x, c) => 0.9 * y + 0.31 * x * (c + 1) + n);
const target = (side: number) => images(side, (n, y, x, c) => 0.5 * y - 0.23 * x + c + 2 * n);

function every(tensor: Tensor, step: number): number[] {
  return [...tensor.dataSync()].filter((_, i) => i % step === 0);
}

function close(values: readonly number[], digits: number): unknown[] {
  return values.map((value) => expect.closeTo(value, digits) as unknown);
}

function small(architecture: Case['architecture']): { network: FaceNetwork; parameters: Parameters } {
  const network = NETWORKS[architecture]({ ...SMALL, width: WIDTHS[architecture] });
  return { network, parameters: new Parameters(network, formulaState(network)) };
}

describe.each(Object.entries(REFERENCE.names))('the state dict of %s', (architecture, [hash, count]) => {
  test('has the official names and shapes', () => {
    const lines = shapes(FACE_NETWORKS[architecture as FaceArchitecture].make()).map(
      ([name, shape]) => `${name} ${shape.join()}`,
    );
    expect(lines).toHaveLength(count);
    expect(createHash('sha256').update(lines.sort().join('\n')).digest('hex')).toBe(hash);
  });
});

describe.each(REFERENCE.cases)('$architecture of images of $imageSide pixels', (expected) => {
  const { architecture, imageSide } = expected;

  test('is what the official code computes, with its gradient', () => {
    const { network, parameters } = small(architecture);
    const [x, y] = [prediction(imageSide), target(imageSide)];
    const loss = (image: Tensor) => parameters.use(() => identityDistance(network, image as Tensor4D, y));
    const { value, grad } = tf.valueAndGrad(loss)(x);
    const [input, vectors] = parameters.use(() => [network.input(x), network.embed(network.input(x))]);
    expect(every(input!, 197).slice(0, expected.input.length)).toEqual(close(expected.input, 5));
    expect([...tf.unstack(vectors!)[1]!.dataSync()]).toEqual(close(expected.embedding, 4));
    expect(value.dataSync()[0]).toBeCloseTo(expected.loss, 5);
    expect(tf.norm(grad).dataSync()[0]! / expected.gradientNorm).toBeCloseTo(1, 3);
    const relative = every(tf.div(grad, expected.gradientNorm), expected.gradientEvery);
    expect(relative).toEqual(
      close(
        expected.gradient.map((slope) => slope / expected.gradientNorm),
        4,
      ),
    );
    parameters.dispose();
  });
});

test.each(['resnet18', 'ir-se50', 'iresnet18'] as const)(
  '%s computes the same in a compiled step, of other images too',
  (architecture) => {
    const { network, parameters } = small(architecture);
    const slopes = (x: Tensor4D, y: Tensor4D) => {
      const loss = (image: Tensor) => parameters.use(() => identityDistance(network, image as Tensor4D, y));
      const { value, grad } = tf.valueAndGrad(loss)(x);
      return [value, grad];
    };
    const step = engine.compile(slopes);
    for (const swapped of [false, true]) {
      const pair = swapped ? [target(40), prediction(40)] : [prediction(40), target(40)];
      const [compiled, eager] = [step.run(pair[0]!, pair[1]!), slopes(pair[0]!, pair[1]!)];
      compiled.forEach((tensor, i) => {
        expect(tf.max(tf.abs(tf.sub(tensor, eager[i]!))).dataSync()[0]).toBeLessThan(1e-5);
      });
    }
    step.dispose();
    parameters.dispose();
  },
);

test('no distance to itself', () => {
  for (const architecture of ['resnet18', 'ir-se50', 'iresnet18'] as const) {
    const { network, parameters } = small(architecture);
    const x = prediction(40);
    const distance = parameters.use(() => identityDistance(network, x, x));
    expect(distance.dataSync()[0]).toBeCloseTo(0, 6);
    parameters.dispose();
  }
});

describe('the loss', () => {
  const weightsFile = (state: StateDict): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'identity-')), 'arcface.safetensors');
    writeSafetensors(file, state);
    return file;
  };

  test('reads the official file as several GPUs leave it, weighs the distance, and frees all', async () => {
    const before = tf.memory().numTensors;
    const counter: [string, StateTensor] = [
      'module.bn1.num_batches_tracked',
      { shape: [], values: new Float32Array(1) },
    ];
    const state = official();
    const several = state.map(([name, tensor]) => [`module.${name}`, tensor] as const);
    const weights = weightsFile(new Map([...several, counter, ['module.bn1.total_ops', counter[1]]]));
    const loss = new IdentityLoss({ architecture: 'resnet18', weights, weight: 10 }, weightsOnDisk);
    await loss.prepare();
    const network = new ResNetArcFace();
    const parameters = new Parameters(network, new Map(state));
    const [plain, weighted] = tf.tidy(() => {
      const [x, y] = [prediction(24), target(24)];
      return [parameters.use(() => identityDistance(network, x, y)), loss.compute(x, y)].map(
        (value) => value.dataSync()[0]!,
      );
    });
    expect(plain).toBeGreaterThan(0);
    expect(weighted! / plain!).toBeCloseTo(10, 4);
    loss.dispose();
    parameters.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('without weights says why it is absent, and is an error where it is used all the same', async () => {
    const loss = new IdentityLoss({ architecture: 'ir-se50', weight: 1 }, weightsOnDisk);
    expect(loss.absent).toBe('"identity" has no `weights` of "ir-se50" (GPEN: model_ir_se50.pth)');
    await expect(loss.prepare()).rejects.toThrow(/has no `weights`.*Give them, or leave the loss out/);
  });

  test('a file that is not there, or of another architecture, is an error', async () => {
    expect(
      () => new IdentityLoss({ architecture: 'resnet18', weights: '/no/such.pth', weight: 1 }, weightsOnDisk),
    ).toThrow('There is no weights file /no/such.pth.');
    const { network } = small('ir-se50');
    const other = new IdentityLoss(
      { architecture: 'resnet18', weights: weightsFile(formulaState(network)), weight: 1 },
      weightsOnDisk,
    );
    await expect(other.prepare()).rejects.toThrow(/holds no weights of "resnet18":\n {2}conv1.weight: missing/);
  });

  test('images that are not square are an error with ir-se50', () => {
    const { network, parameters } = small('ir-se50');
    const wide = tf.zeros([1, 32, 40, 3]) as Tensor4D;
    expect(() => parameters.use(() => identityDistance(network, wide, wide))).toThrow(/square images .* 40x32/);
    parameters.dispose();
  });
});
