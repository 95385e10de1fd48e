import { join } from 'node:path';
import { appendFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import {
  features,
  isEncoder,
  losses,
  metrics,
  parameterCount,
  termsOf,
  type Dataset,
  type FeatureExtractor,
  type Image,
  type ImageMetric,
  type Loss,
} from '@dualprior/blocks';
import {
  absolute,
  gradientOf,
  Interrupted,
  Random,
  reference,
  trackers,
  type Delivery,
  type JournalSource,
  type TrackedRun,
  type Tracker,
} from '@dualprior/core';
import { drawnExtractor } from '@dualprior/blocks/testing/drawn-extractor';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { methods, type Method } from '../methods/method.ts';
import { asRestorer, type TrainedRestorer } from '../networks/restorer.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { stages, type Stage, type StageContext, type Trained } from '../stages/stage.ts';
import { writeResult } from '../store/result-file.ts';
import './foreign-data.ts';

// Components as someone else may write them: no name of theirs, and none of their options, is known to the framework.

features.component({
  type: 'foreign-eye',
  description: 'an extractor for tests',
  options: Type.Object({}),
  about: () => ({ substitute: true }),
})(
  function ForeignEye() {
    return drawnExtractor({ type: 'foreign-eye', identity: 'foreign-eye', substitute: true });
  } as unknown as new (options: object) => FeatureExtractor,
  {} as ClassDecoratorContext,
);

const DistanceOptions = Type.Object({
  factor: Type.Number({ default: 1 }),
  eye: Type.Optional(features.option()),
});

@losses.component({
  type: 'foreign-distance',
  description: 'a loss for tests',
  options: DistanceOptions,
  about: ({ factor }) => ({ weight: factor }),
})
export class ForeignDistance implements Loss {
  constructor(private readonly options: Static<typeof DistanceOptions>) {}

  compute(prediction: Tensor4D, target: Tensor4D): Scalar {
    return tf.mul(this.options.factor, tf.mean(absolute(tf.sub(prediction, target))));
  }
}

const network = reference<TrainedNetwork>('networks');

const TrainingOptions = Type.Object({
  net: network,
  basis: Type.Optional(network),
  photos: Type.Union([reference<Dataset>('data'), Type.Array(reference<Dataset>('data'))]),
  check: Type.Optional(reference<Dataset>('data')),
  perStep: Type.Integer({ minimum: 1, default: 4 }),
  rounds: Type.Integer({ minimum: 1, default: 3 }),
  criterion: losses.option({ default: { type: 'foreign-distance' } }),
  judge: Type.Optional(metrics.option()),
  stands: Type.Union([Type.Literal('prior'), Type.Literal('restorer'), Type.Literal('dual-prior')], {
    default: 'restorer',
  }),
  how: Type.Object({ compile: Type.Optional(Type.Boolean()), xla: Type.Optional(Type.Boolean()) }, { default: {} }),
  silent: Type.Boolean({ default: false }),
});

/** Gradient descent, each iteration on two batches. */
@stages.component({
  type: 'foreign-training',
  description: 'a stage for tests',
  options: TrainingOptions,
  about: ({ basis, perStep, rounds, criterion, judge, stands }, option) => ({
    data: [option('photos')],
    validation: [option('check')],
    batch: option('perStep'),
    images: 2 * perStep,
    iterations: rounds,
    purpose: stands,
    runtime: option('how'),
    selection: judge && { option: option('judge'), metric: judge },
    priors: basis === undefined ? [] : [basis],
    departures: termsOf(criterion)
      .map((term) => losses.about(term))
      .flatMap(({ weight }) => (weight === 1 ? [] : [`lambda_mine ${weight} (paper 1)`])),
    absent: stands === 'restorer' ? ['patience'] : [],
  }),
})
export class ForeignStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result = 'last';
  readonly #network: TrainedRestorer;

  constructor(private readonly options: Static<typeof TrainingOptions>) {
    this.#network = asRestorer(options.net);
    this.trains = new Map([['net', this.#network]]);
  }

  get iterations(): number {
    return this.options.rounds;
  }

  warnings(): string[] {
    return [];
  }

  async prepare(): Promise<void> {
    for (const data of this.#data) await data.prepare();
  }

  async train(context: StageContext): Promise<Trained> {
    const { perStep, rounds, silent } = this.options;
    await this.prepare();
    const journal = context.openJournal(0);
    const random = new Random(context.seed);
    const { parameters } = this.#network;
    const started = performance.now();
    if (!silent) context.iterated?.(0);
    for (let iteration = 0; iteration < rounds; iteration++) {
      await setImmediate();
      if (context.signal.aborted) throw new Interrupted();
      for (const half of ['first', 'second']) {
        const sampling = { stream: half, iteration, size: perStep, augment: { flip: false, rotate: false } };
        const { degraded, sharp, shape } = await context.sampler.batch(this.#data[0]!, random, sampling);
        const loss = this.#descend(tf.tensor4d(degraded, shape), tf.tensor4d(sharp, shape));
        journal.metric(`loss_${half}`, loss, iteration + 1);
      }
      if (!silent) context.iterated?.(iteration + 1);
    }
    writeResult(join(context.folder, 'last.safetensors'), [{ role: 'net', state: parameters.liveStateDict() }]);
    return { seconds: (performance.now() - started) / 1000, best: undefined };
  }

  get #data(): Dataset[] {
    return [this.options.photos].flat();
  }

  #descend(degraded: Tensor4D, sharp: Tensor4D): number {
    const { module, parameters } = this.#network;
    const value = tf.tidy(() => {
      const compute = () => this.options.criterion.compute(module.restore(degraded).image, sharp);
      const { value, gradient } = gradientOf(parameters, compute);
      parameters.vector.assign(tf.sub(parameters.vector, tf.mul(1e-3, gradient)));
      return value.dataSync()[0]!;
    });
    tf.dispose([degraded, sharp]);
    return value;
  }
}

const JudgeOptions = Type.Object({ eye: features.option(), norms: Type.Optional(Type.String()) });

@metrics.component({
  type: 'foreign-distance',
  description: 'a metric for tests',
  options: JudgeOptions,
  about: (_, option) => ({ statistics: option('norms') }),
})
export class ForeignMetric implements ImageMetric {
  static readonly possibleColumns = ['foreign'];
  readonly columns = [{ name: 'foreign', better: 'lower', digits: 3 }] as const;

  measure(restored: Image, sharp: Image): number[] {
    const differences = Array.from(restored.data, (value, i) => Math.abs(value - sharp.data[i]!));
    return [differences.reduce((sum, each) => sum + each, 0) / differences.length];
  }
}

const MethodOptions = Type.Object({ model: network, lens: Type.Optional(network) });

@methods.component({ type: 'foreign-method', description: 'a method for tests', options: MethodOptions })
export class ForeignMethod implements Method {
  readonly multiple = 1;
  readonly #model: TrainedRestorer;

  constructor({ model, lens }: Static<typeof MethodOptions>) {
    this.#model = asRestorer(model);
    if (lens && !isEncoder(lens.module)) throw new Error('The lens is no encoder.');
  }

  get parameters(): number {
    return parameterCount(this.#model.module);
  }

  restore(degraded: Tensor4D): Tensor4D {
    const { module, parameters } = this.#model;
    return parameters.use(() => module.restore(degraded).image);
  }
}

const TrackerOptions = Type.Object({ notebook: Type.String({ description: 'output file' }) });

@trackers.component({ type: 'foreign-tracker', description: 'a tracker for tests', options: TrackerOptions })
export class ForeignTracker implements Tracker {
  readonly name = 'Notebook';
  readonly address = null;

  constructor(private readonly options: Static<typeof TrackerOptions>) {}

  async start({ name }: TrackedRun): Promise<void> {
    this.#note(`run ${name}`);
  }

  follow({ at }: JournalSource): void {
    this.#note(`follows ${at[0]}`);
  }

  async finish(): Promise<Delivery> {
    this.#note('end');
    return { complete: true, missing: 0, problem: null, notes: [], remedy: 'nothing to do' };
  }

  #note(line: string): void {
    appendFileSync(this.options.notebook, `${line}\n`);
  }
}
