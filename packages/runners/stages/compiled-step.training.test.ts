import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  catalogue,
  Container,
  EagerStep,
  gradientsOf,
  loadEngine,
  loadExperiment,
  Parameters,
  Random,
  type CompileOptions,
  type ComponentSpec,
  type Engine,
  type Experiment,
} from '@dualprior/core';
import { ADVERSARIAL_LOSSES, Ema, type Loss, type LossContext, type Network, type Optimizer } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { objectiveOf } from '../bench/objective.ts';
import '../components.generated.ts';
import { SMALL_NETWORKS } from './testing/small-networks.ts';

/**
 * Compiled steps compute what eager ones compute, bit for bit on a CPU, for every network, loss and optimizer of the catalogue: a
 * new component is tested here by itself (a network that is large by default gets a line in SMALL_NETWORKS).
 */

const SUM = { terms: [{ type: 'l1', weight: 0.5 }, { type: 'gan-nonsaturating' }] };
const SUBSTITUTE = { features: { type: 'mobilenet-v2-substitute' } };
const LOSSES: Readonly<Record<string, object>> = {
  'weighted-sum': SUM,
  lpips: SUBSTITUTE,
  perceptual: SUBSTITUTE,
  contextual: { ...SUBSTITUTE, patch: 16 },
  'fusion-contextual': { ...SUBSTITUTE, patch: 16 },
};

/** Frozen networks too large for here, whose losses are compiled in tests of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['identity']);

/** Batched matrix products round otherwise in a function than alone, so these agree to a part in 10,000 after three steps, not to the bit. */
const ROUNDED: ReadonlySet<string> = new Set(['contextual', 'fusion-contextual']);

const CLIPPED: Readonly<Record<string, object>> = { adam: { clipNorm: 0.1 }, adamw: { clipNorm: 0.1 } };

interface Case {
  readonly network: string;
  /** Default: those of SMALL_NETWORKS. */
  readonly options?: object;
  readonly loss: ComponentSpec;
  readonly optimizer: ComponentSpec;
}

const SHAPE: Tensor4D['shape'] = [2, 16, 16, 3];
const STEPS = 2;

const types = (kind: string) => catalogue.components(kind).map(({ declaration }) => declaration.type);

const adam: ComponentSpec = { type: 'adam', ...CLIPPED['adam'] };
/** For losses and optimizers, and XLA, which takes seconds to compile a larger one. */
const TINY = {
  nafnet: { network: 'nafnet', options: { width: 4, encoderBlocks: [1], middleBlocks: 1, decoderBlocks: [1] } },
  hinet: { network: 'hinet', options: { width: 4, depth: 2 } },
} as const;

const ofNetwork = (network: string): Case => ({ network, loss: { type: 'l1' }, optimizer: adam });
const CASES: [string, Case][] = [
  ...types('network').map(ofNetwork),
  ...types('loss')
    .filter((type) => !ELSEWHERE.has(type))
    .map((type): Case => ({ ...TINY.nafnet, loss: { type, ...LOSSES[type] }, optimizer: adam })),
  ...types('optimizer').flatMap((type): Case[] => [
    { ...TINY.nafnet, loss: { type: 'l1' }, optimizer: { type } },
    ...(CLIPPED[type] ? [{ ...TINY.nafnet, loss: { type: 'l1' }, optimizer: { type, ...CLIPPED[type] } }] : []),
  ]),
].map((one) => [`${one.network}, ${one.loss.type}, ${JSON.stringify(one.optimizer)}`, one]);

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

/** The case as a stage of an experiment, which fills in all defaults. */
function experimentOf({ network, options = SMALL_NETWORKS[network], ...stage }: Case): Experiment {
  const folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  const experiment = {
    degradations: { blur: { type: 'motion-blur', kernels: { type: 'camera-shake', count: 1 } } },
    data: { train: { type: 'avatars', size: 16, limit: 2, degradation: 'blur' } },
    networks: { network: { type: network, ...options } },
    stages: { stage: { type: 'regression', network: 'network', data: 'train', iterations: STEPS, ...stage } },
  };
  writeFileSync(join(folder, 'case.yaml'), JSON.stringify(experiment));
  return loadExperiment('case.yaml', { cwd: folder, env: {} });
}

/** Trains in place and returns all numbers of it: losses, parameters, average, state of the optimizer. */
async function train(experiment: Experiment, options: CompileOptions | 'eager'): Promise<Map<string, Float32Array>> {
  const container = new Container(experiment);
  const network = container.create<Network>('network', experiment.entry('networks', 'network'));
  const spec = experiment.entry('stages', 'stage') as ComponentSpec & Record<'loss' | 'optimizer', ComponentSpec>;
  const loss = container.create<Loss>('loss', spec.loss);
  await loss.prepare?.();
  const optimizer = container.create<Optimizer>('optimizer', spec.optimizer);

  const parameters = new Parameters(network, new Random(1));
  const state = optimizer.state(parameters.count);
  const ema = new Ema(parameters.vector, 0.9);
  const objective = objectiveOf(network, (output, sharp) => loss.compute(output, sharp, contextOf(output, sharp)));
  const update = (degraded: Tensor4D, sharp: Tensor4D, rate: Scalar, seed: Tensor1D): Scalar => {
    const {
      loss: value,
      gradients,
      seen,
    } = gradientsOf([parameters], () => {
      const { result, buffers } = parameters.train(() => objective(degraded, sharp, seed));
      return { loss: result, seen: { buffers } };
    });
    optimizer.update(parameters.vector, gradients[0]!, state, rate);
    parameters.buffers.assign(seen.buffers);
    ema.update(parameters.vector);
    return value;
  };
  const step = options === 'eager' ? new EagerStep(update) : engine.compile(update, options);
  const numbers = new Map<string, Float32Array>();
  const read = (name: string, tensor: Tensor) => void numbers.set(name, tensor.dataSync<'float32'>().slice());
  for (let i = 0; i < STEPS; i++) {
    tf.tidy(() => {
      const image = (seed: number) => tf.randomUniform(SHAPE, 0, 1, 'float32', seed) as Tensor4D;
      const rate = tf.scalar(optimizer.learningRate(i, STEPS));
      read(`loss ${i}`, step.run(image(2 * i + 1), image(2 * i + 2), rate, tf.tensor1d([1, i], 'int32')));
    });
  }
  read('parameters', parameters.vector);
  read('buffers', parameters.buffers);
  read('average', ema.average);
  for (const [name, variable] of state) read(name, variable);

  step.dispose();
  loss.dispose?.();
  parameters.dispose();
  for (const variable of [...state.values(), ema.average]) variable.dispose();
  return numbers;
}

/** What compiled steps of a network compute, which several tests compare others with. */
const compiledOf = new Map<string, Map<string, Float32Array>>();

async function trainCompiled(one: Case): Promise<Map<string, Float32Array>> {
  const key = JSON.stringify(one);
  const numbers = compiledOf.get(key) ?? (await train(experimentOf(one), {}));
  compiledOf.set(key, numbers);
  return numbers;
}

function losses(numbers: ReadonlyMap<string, Float32Array>): number[] {
  return Array.from({ length: STEPS }, (_, i) => numbers.get(`loss ${i}`)![0]!);
}

const closeTo = (numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 4) as unknown);

/** Something for each thing that a loss may need; the mean colour stands for a discriminator. */
function contextOf(prediction: Tensor4D, target: Tensor4D): LossContext {
  const score = (image: Tensor4D) => tf.mean(image, [1, 2, 3]);
  return {
    logits: score(prediction),
    targetLogits: score(target),
    regressed: target,
    inverted: tf.reverse(target, 2),
  };
}

describe('compiled steps are eager steps, bit for bit', () => {
  test('there are cases', () => {
    expect(CASES.length).toBeGreaterThan(8);
  });

  const both = async (one: Case) => {
    const [eager, compiled] = [await train(experimentOf(one), 'eager'), await trainCompiled(one)];
    expect(eager.get('loss 0')).not.toEqual(eager.get(`loss ${STEPS - 1}`));
    return { eager, compiled };
  };

  test.each(CASES.filter(([, { loss }]) => ROUNDED.has(loss.type)))('%s, up to rounding', async (_, one) => {
    const { eager, compiled } = await both(one);
    for (let i = 0; i < STEPS; i++) {
      const [ours, theirs] = [compiled, eager].map((numbers) => numbers.get(`loss ${i}`)![0]!);
      expect(Math.abs(ours! / theirs! - 1)).toBeLessThan(1e-4);
    }
  });

  test.each(CASES.filter(([, { loss }]) => !ROUNDED.has(loss.type)))('%s', async (_, one) => {
    const { eager, compiled } = await both(one);
    for (const [name, numbers] of eager) {
      const other = compiled.get(name)!;
      const at = numbers.findIndex((number, i) => !Object.is(number, other[i]));
      expect({ name, at, number: other[at] }).toEqual({ name, at: -1, number: undefined });
    }
  });

  test.each([TINY.nafnet, TINY.hinet])('$network compiled by XLA: the same up to rounding', async (network) => {
    const one: Case = { ...network, loss: { type: 'l1' }, optimizer: adam };
    const xla = await train(experimentOf(one), { xla: true });
    expect(losses(xla)).toEqual(closeTo(losses(await trainCompiled(one))));
  });

  test.each(types('network'))('%s computed again in its gradient: the same up to rounding', async (network) => {
    const recomputed = await train(experimentOf(ofNetwork(network)), { recompute: true });
    expect(losses(recomputed)).toEqual(closeTo(losses(await trainCompiled(ofNetwork(network)))));
  });

  test.each(Object.entries(ADVERSARIAL_LOSSES))('adversarial loss %s with its gradient', (_, loss) => {
    const step = (logits: Tensor) => {
      const sides = [loss.real, loss.fake, loss.generator];
      return sides.flatMap((side) => [side(logits), tf.grad((x: Tensor) => side(x))(logits)]);
    };
    const logits = tf.randomNormal([4, 3], 0, 2, 'float32', 5);
    const numbers = (tensors: readonly Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);
    expect(numbers(engine.compile(step).run(logits))).toEqual(numbers(step(logits)));
  });
});
