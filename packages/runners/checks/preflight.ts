import { isNoReference, isSetMetric, type Dataset, type Loss, type Metric, type Network } from '@dualprior/blocks';
import {
  ConfigError,
  Container,
  LOG,
  UserError,
  type Experiment,
  type Finding,
  type Log,
  type Section,
  type Tracker,
  parseNetworkReference,
} from '@dualprior/core';
import { countSubjects, describeImages } from '../inference/test-images.ts';
import type { Method } from '../methods/method.ts';
import { checkDegraded, checkExactSize, checkLeastSide, checkSides } from '../inference/image-sizes.ts';
import type { Stage } from '../stages/stage.ts';
import { checkDegrade } from './check-degrade.ts';
import { checkLists } from './check-lists.ts';
import { checkReport } from './check-report.ts';
import { sharedExtractors } from '../report/remarks/shared-extractors.ts';
import { plannedImages, starvedBaselines } from '../report/remarks/starved-baselines.ts';
import { checkRuntime } from './check-runtime.ts';
import { checkValidation } from './check-validation.ts';
import { checkWeights } from './check-weights.ts';
import { isFresh } from '../networks/is-fresh.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { otherNetworks } from './other-networks.ts';
import { warnOfWideFeatures } from './wide-features.ts';

/**
 * Finds what only the components' constructors know to be wrong (an even kernel, networks that do not fit each other), weights that do not fit,
 * lists that name missing images, degradations that a device is to compute and cannot, and validation on images of the training or the evaluation.
 * Warns of features that are no bottleneck, of metrics that use a loss's feature extractor, and of stages that are too short for their options.
 * Errors: all of it at once.
 */
export function checkComponents(experiment: Experiment, log: Log): void {
  const container = new Container(experiment, { services: [[LOG, log]] });
  container.verify(['degradations', 'data', 'networks', 'metrics'], { stages: 'loss' });
  const untrained = withoutWeights(experiment, container, log);
  untrained.verify(['stages', 'methods']);
  checkLists(experiment, container);
  checkWeights(experiment, container, log);
  checkRuntime(experiment);
  checkDegrade(experiment, container, log);
  checkValidation(experiment);
  warnOfWideFeatures(experiment, container, log);
  sharedExtractors(experiment).forEach((line) => log.warn(line));
  const trains = (name: string) =>
    new Set([...untrained.get<Stage>('stages', name).trains.values()].map(({ reference }) => reference));
  for (const warning of otherNetworks(experiment, trains)) log.warn(warning);
  for (const name of experiment.entries('stages').keys()) {
    for (const warning of untrained.get<Stage>('stages', name).warnings()) log.warn(`stages.${name}: ${warning}.`);
  }
  const metrics = [...experiment.entries('metrics').keys()].map((name) => container.get<Metric>('metrics', name));
  checkReport(
    experiment,
    metrics.flatMap(({ columns }) => columns.map(({ name }) => name)),
  );
  for (const spec of experiment.trackers) container.create<Tracker>('tracker', spec);
}

/**
 * Makes the data ready that a run will need and checks that it fits stages and methods, before anything is trained.
 * Errors: a folder that is missing or has no usable image; test images without an end; images whose sides do not fit
 * a crop, a network, a loss or a metric; weights of losses and metrics that are missing or do not fit. All of it at once.
 * @param toTrain names of the stages that the run will train
 */
export async function prepareData(
  experiment: Experiment,
  container: Container,
  toTrain: readonly string[],
  log: Log,
): Promise<void> {
  const { evaluation } = experiment.config;
  const training = toTrain
    .flatMap((name) => experiment.references('stages', name))
    .filter(({ section }) => section === 'data')
    .map(({ name }) => name);

  const data = new Mistakes(experiment);
  for (const name of new Set(evaluation ? [...training, evaluation.data] : training)) {
    await data.of('data', name, () => container.get<Dataset>('data', name).prepare());
  }
  data.throwIfAny();

  const untrained = withoutWeights(experiment, container, log);
  const fit = new Mistakes(experiment);
  for (const name of toTrain) {
    await fit.of('stages', name, () => untrained.get<Stage>('stages', name).prepare());
    for (const spec of experiment.components('stages', name, 'loss')) {
      await fit.of('stages', name, () => loadLoss(container.create<Loss>('loss', spec)), spec);
    }
    for (const { name: metric } of experiment
      .references('stages', name)
      .filter(({ section }) => section === 'metrics')) {
      await fit.of('metrics', metric, () => load(container.get<Metric>('metrics', metric)));
    }
    for (const spec of experiment.components('stages', name, 'metric')) {
      await fit.of('stages', name, () => load(container.create<Metric>('metric', spec)), spec);
    }
  }
  if (evaluation) {
    const test = container.get<Dataset>('data', evaluation.data);
    await fit.of('data', evaluation.data, () => {
      checkEnd(test);
      checkDegraded(test, 'of the test images');
    });
    for (const name of experiment.entries('metrics').keys()) {
      const metric = container.get<Metric>('metrics', name);
      await fit.of('metrics', name, () => {
        checkReference(metric, test, evaluation.data);
        checkCount(metric, test);
        return load(metric);
      });
      await fit.of('metrics', name, () => {
        checkLeastSide('The metric', metric.minimumSide, test, 'of the test images');
      });
    }
    for (const name of experiment.entries('methods').keys()) {
      await fit.of('methods', name, () => {
        const { multiple, size } = untrained.get<Method>('methods', name);
        if (size === undefined) checkSides(name, multiple, test, 'of the test images');
        else checkExactSize(name, size, test, 'of the test images');
      });
    }
  }
  fit.throwIfAny();
  starvedBaselines(experiment, plannedImages(experiment)).forEach((line) => log.warn(line));
  if (evaluation) warnOfSharedKernels(container, new Set(training), evaluation.data, log);
}

/** Collects what is wrong with entries of the experiment, each with its place; the same thing once. */
class Mistakes {
  readonly #findings = new Map<string, Finding>();

  constructor(readonly experiment: Experiment) {}

  /** @param spec the part of the entry that is checked */
  async of(
    section: Section,
    name: string,
    check: () => unknown,
    spec = this.experiment.entry(section, name),
  ): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const place = this.experiment.origin(spec);
      const own = { place, message: `${section}.${name}: ${error.message}` };
      const findings = error instanceof ConfigError ? error.findings : [own];
      if (!this.#findings.has(error.message)) findings.forEach((finding) => this.#findings.set(error.message, finding));
    }
  }

  throwIfAny(): void {
    if (this.#findings.size > 0) throw new ConfigError([...this.#findings.values()]);
  }
}

/** Stages and methods that know their data and architectures but can neither train nor restore. */
export function withoutWeights(experiment: Experiment, container: Container, log: Log): Container {
  return new Container(experiment, {
    services: [[LOG, log]],
    resolve: {
      data: (name) => container.get('data', name),
      networks: (reference): TrainedNetwork => {
        const spec = experiment.entry('networks', parseNetworkReference(reference).network);
        return {
          reference,
          fresh: isFresh(experiment, reference),
          module: container.create<Network>('network', spec),
          get parameters(): never {
            throw new Error(`The weights of "${reference}" were asked for before the run.`);
          },
          origin: (option) => experiment.origin(spec, option),
        };
      },
    },
  });
}

/** Whether what a loss or metric reads from the disk is there and right. */
async function load(component: Pick<Loss, 'prepare' | 'dispose'>): Promise<void> {
  try {
    await component.prepare?.();
  } finally {
    component.dispose?.();
  }
}

/** As `load`; where a loss has nothing to read, its stage has said whether it can do without. */
async function loadLoss(loss: Loss): Promise<void> {
  if (loss.absent === undefined) await load(loss);
}

function checkEnd(test: Dataset): void {
  if (Number.isFinite(test.length)) return;
  throw new UserError('has no end, so it cannot be evaluated on; give it a `limit`, e.g. 100.');
}

/** Errors: a metric would compare with sharp images that do not exist. */
function checkReference(metric: Metric, test: Dataset, data: string): void {
  if (test.hasSharp || isNoReference(metric)) return;
  throw new UserError(
    `The metric compares with sharp images, but "${data}" has degraded ones only. Leave it out: without sharp images, ` +
      'only metrics that look at restored images alone have a value; `yarn components metric` says which these are.',
  );
}

/** Errors: a metric of sets would have too few images, counting those that are one image degraded several times once. */
function checkCount(metric: Metric, test: Dataset): void {
  const least = isSetMetric(metric) ? metric.minimumImages : 1;
  if (!Number.isFinite(test.length) || countSubjects(test) >= least) return;
  const found = `there ${test.length === 1 ? 'is 1' : `are ${describeImages(test)}`}`;
  throw new UserError(
    `The metric compares at least ${least} different test images, but ${found}. Give the data set more.`,
  );
}

function warnOfSharedKernels(container: Container, training: ReadonlySet<string>, test: string, log: Log): void {
  const get = (name: string) => container.get<Dataset>('data', name);
  const seedOf = (name: string) => get(name).random.seed;
  const isHeldOutOf = (name: string) => get(name).heldOut?.random === get(test).random; // it has no seed of its own, and other images
  for (const name of training) {
    const areMade = [name, test].every((each) => get(each).degraded === 'made');
    if (name === test || !areMade || isHeldOutOf(name) || seedOf(name) !== seedOf(test)) continue;
    log.warn(
      `"${name}" and "${test}" have the same seed (${seedOf(test)}), so they share their degradations. Set another \`seed\` for one of them.`,
    );
  }
}
