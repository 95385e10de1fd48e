import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  isSetMetric,
  pairAt,
  SHARP,
  type Dataset,
  type Image,
  type Metric,
  type Sampler,
  type SetRemarks,
} from '@dualprior/blocks';
import { counted, makeFolder, UserError, type Container, type Experiment, type Journal } from '@dualprior/core';
import sharp from 'sharp';
import type { Code } from '../code/code.ts';
import { edited, warnOfEdits } from '../code/edited.ts';
import type { ExperimentCode } from '../code/experiment-code.ts';
import type { Console } from '../console/console.ts';
import {
  columnsOf,
  evaluate,
  imageFile,
  measuredCode,
  measuredIdentity,
  sourcesOf,
  type Evaluated,
} from '../evaluation/evaluate.ts';
import { infiniteColumn } from '../inference/finite-mean.ts';
import { MissingImages } from '../evaluation/missing-images.ts';
import { ReadableImages } from '../inference/readable-images.ts';
import { CONTRIBUTIONS, METRICS } from '../evaluation/per-image.ts';
import { infiniteRemarks, INPUT } from '../evaluation/results.ts';
import { describeImages } from '../inference/test-images.ts';
import { sharpVectors, type SharpVectors } from '../inference/sharp-vectors.ts';
import { contactSheet, png } from '../inference/sheet.ts';
import { writeViews } from '../evaluation/views.ts';
import { list } from '../report/remarks/list.ts';
import type { Method } from '../methods/method.ts';
import type { MeasuredRow, Measurements } from '../report/record/measurements.ts';
import { sharpFolder, viewFolder } from '../report/record/pictures.ts';
import { testData } from './dataset-uses.ts';
import { IDENTITY } from './finished-methods.ts';
import { stagesInOrder } from './plan.ts';
import { modelId } from './train-stage.ts';
import type { NetworkResolver } from '../networks/network-resolver.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { StoredStages } from '../store/stored-stages.ts';

/** What an evaluation needs of its run. */
interface EvaluationSetting {
  readonly experiment: Experiment;
  readonly stored: StoredStages;
  /** Undefined if unknown. */
  readonly code: ExperimentCode | undefined;
  readonly container: Container;
  readonly networks: NetworkResolver;
  readonly sampler: Sampler;
  /** Folder of what the vectors of sharp images are kept in. */
  readonly references: string;
  readonly directory: RunDirectory;
  /** What a reader must know of images that were trained on as well (`sharedImages`). */
  readonly shared: readonly string[];
  readonly journal: Journal;
  /** Methods whose results the journal holds from an earlier session, with the identities of those. */
  readonly journaled: ReadonlyMap<string, string | undefined>;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/**
 * Measures the degraded images themselves and every method on the same test images. An image that turns out to be unreadable is left out for
 * all of them: what was measured before is measured again without it.
 */
export async function evaluateMethods(setting: EvaluationSetting): Promise<Omit<Measurements, 'facts'>> {
  const { experiment, container, directory, console } = setting;
  const { evaluation } = experiment.config;
  if (!evaluation) throw new UserError('The experiment has methods but no `evaluation`.');
  const all = container.get<Dataset>('data', evaluation.data);
  await all.prepare();
  const file = directory.file('evaluation', 'missing.json');
  const missing = new MissingImages(file, experiment.identity('data', evaluation.data), all, console);
  const data = new ReadableImages(all, missing);
  await data.untilReadable(async () => {
    for (let i = 0; i < data.length; i++) if (!data.size(i)) await pairAt(data, i); // known not to be readable
  });
  return data.untilReadable(() => evaluateOn(data, missing, setting));
}

async function evaluateOn(
  data: ReadableImages,
  missing: MissingImages,
  setting: EvaluationSetting,
): Promise<Omit<Measurements, 'facts'>> {
  const { experiment, container, networks, console, signal } = setting;
  const { runtime } = experiment.config;
  const evaluation = experiment.config.evaluation!;
  const metrics = [...experiment.entries('metrics').keys()].map((name) => container.get<Metric>('metrics', name));
  const { batch, images } = evaluation;
  const sampler = data.pairsBy(setting.sampler);
  const without = missing.all.map(({ name }) => name);
  const sharp = new Map<string, SharpVectors>();
  const options = { data, metrics, sharp, batch, images, compile: runtime.compile, sampler, console, signal };
  const columns = columnsOf(metrics);
  const labels = [INPUT, ...experiment.entries('methods').keys()];
  console.heading(
    `Evaluation · ${counted(labels.length - 1, 'method')} on ${counted(data.length, 'image')} of "${evaluation.data}"`,
  );

  const rows: MeasuredRow[] = [];
  const about: SetRemarks[] = [];
  /** How the code was edited -> the rows that were measured before. */
  const editedRows = new Map<string, string[]>();
  try {
    for (const metric of metrics) await metric.prepare?.();
    for (const [key, vectors] of await vectorsOfSharp(setting, data, metrics, without)) sharp.set(key, vectors);
    const names = columns.map(({ name }) => name);
    for (const metric of metrics.filter(isSetMetric)) {
      const { different } = sharp.get(metric.vectors.key)!;
      about.push(metric.remarks({ images: data.length, different, columns: names }));
    }
    for (const { warnings } of about) warnings.forEach((warning) => console.warn(warning));
    for (const label of labels) {
      try {
        const method = label === INPUT ? undefined : container.get<Method>('methods', label);
        const folder = setting.directory.file('evaluation', label);
        const measured = identityOf(setting, label, without, folder);
        const code = setting.code?.ofRow(label);
        const edits = editsOf(measured, folder, code);
        warnOfEdits(
          edits && valuesOf([label], edits),
          `They are reused. Remove the folder ${folder} to have them measured again.`,
          console,
        );
        if (edits !== undefined) editedRows.set(edits, [...(editedRows.get(edits) ?? []), label]);
        const isJournaled = setting.journaled.get(label) === measured;
        const journal = isJournaled ? undefined : beginMethod(setting, label, measured);
        const evaluated = await evaluate(label, method, measured, folder, { ...options, code });
        rows.push({
          method: label,
          values: evaluated.values,
          ...(Object.keys(evaluated.infinite).length > 0 && { infinite: evaluated.infinite }),
          ...(method && { parameters: method.parameters }),
          ...viewNames(method),
        });
        const place = (view: string) => viewFolder(setting.directory.path, label, view);
        if (method?.views) await writeViews(label, method.views, measured, folder, place, options);
        if (journal) record(journal, { ...evaluated, columns, folder, images, model: modelOf(setting, label) });
      } finally {
        networks.release();
      }
    }
  } finally {
    for (const metric of metrics) metric.dispose?.();
  }
  await writeSamples(setting, data, labels, Math.min(images, data.length));
  const notes = [`Mean over ${describeImages(data)} of "${evaluation.data}".`, ...missing.notes];
  return {
    columns,
    rows,
    note: notes.join(' '),
    remarks: [
      ...[...editedRows].map(([edits, rows]) => valuesOf(rows, edits)),
      ...setting.shared,
      ...about.flatMap(({ warnings }) => warnings),
      ...infiniteRemarks({ columns, rows }),
      ...about.flatMap((each) => each.notes),
    ],
    tooFew: about.flatMap(({ tooFew = [] }) => tooFew),
  };
}

/** The vectors of the sharp test images for each kind that the metrics compare by, by their keys. */
async function vectorsOfSharp(
  { experiment, directory, references, console, signal }: EvaluationSetting,
  data: Dataset,
  metrics: readonly Metric[],
  without: readonly string[],
): Promise<Map<string, SharpVectors>> {
  const { data: name, batch } = experiment.config.evaluation!;
  const less = (whole: string) => (without.length > 0 ? `${whole} without ${without.join(', ')}` : whole);
  const identity = less(experiment.identityOfPart('data', name, SHARP));
  const formerIdentity = less(experiment.formerIdentity('data', name));
  const folder = directory.file('evaluation', '.sharp');
  const found = new Map<string, SharpVectors>();
  for (const source of sourcesOf(metrics)) {
    const vectors = await sharpVectors({
      data,
      name,
      identity,
      formerIdentity,
      source,
      batch,
      cache: references,
      folder,
      console,
      signal,
    });
    found.set(source.key, vectors);
  }
  rmSync(folder, { recursive: true, force: true });
  return found;
}

function viewNames(method: Method | undefined): Pick<MeasuredRow, 'views'> {
  return method?.views ? { views: method.views.names } : {};
}

/** How the code behind the values of a method was edited since they were measured. */
function editsOf(measured: string, folder: string, code: Code | undefined): string | undefined {
  if (measuredIdentity(folder) !== measured) return undefined;
  return edited('', measuredCode(folder), code);
}

/** That values are reused although the code behind them was edited. */
function valuesOf(rows: readonly string[], edits: string): string {
  return `The values of ${list(rows)} were measured${edits}`;
}

/**
 * Equal for equal results: the method with everything that it depends on, the images, the metrics. Values of an older version keep that version's
 * identity.
 */
function identityOf(
  { experiment, stored }: EvaluationSetting,
  label: string,
  without: readonly string[],
  folder: string,
): string {
  const { evaluation } = experiment.config;
  const retrained = label === INPUT ? [] : stored.retrainings('methods', label);
  const as = (of: 'identity' | 'formerIdentity') => {
    const metrics = [...experiment.entries('metrics').keys()].map((name) => experiment[of]('metrics', name));
    const method = label === INPUT ? INPUT : experiment[of]('methods', label);
    const measured = [method, experiment[of]('data', evaluation!.data), metrics];
    const special = { ...(without.length > 0 && { without }), ...(retrained.length > 0 && { retrained }) };
    return JSON.stringify(Object.keys(special).length > 0 ? [...measured, special] : measured);
  };
  const former = as('formerIdentity');
  return measuredIdentity(folder) === former ? former : as('identity');
}

interface Measured extends Evaluated {
  readonly columns: Measurements['columns'];
  readonly folder: string;
  readonly images: number;
  /** The id of the trained networks that were measured. */
  readonly model: string | undefined;
}

/** The networks of a method, by those of the last stage that it takes some from; undefined where it takes none. */
function modelOf({ experiment, stored }: EvaluationSetting, label: string): string | undefined {
  if (label === INPUT) return undefined;
  const own = experiment.stagesBefore('methods', label);
  const last = stagesInOrder(experiment).findLast((stage) => own.includes(stage));
  return last === undefined ? undefined : modelId(stored.find(last));
}

function beginMethod({ experiment, journal }: EvaluationSetting, method: string, measured: string): Journal {
  const own = journal.of('methods', method);
  own.start(method);
  own.tag(IDENTITY, measured);
  own.params(experiment.entries('methods').get(method) ?? { type: INPUT });
  for (const use of testData(experiment)) own.dataset(use);
  return own;
}

function record(journal: Journal, { values, infinite, columns, folder, images, model }: Measured): void {
  columns.forEach(({ name }, c) => journal.metric(name, values[c]!, 0, model));
  for (const [name, count] of Object.entries(infinite)) journal.metric(infiniteColumn(name), count, 0);
  for (const name of [METRICS, CONTRIBUTIONS]) {
    if (existsSync(join(folder, name))) journal.artifact(name, join(folder, name));
  }
  for (let i = 0; i < images; i++) {
    const file = imageFile(folder, i);
    if (existsSync(file)) journal.image(`image-${i}`, file, 0);
  }
  journal.end('FINISHED');
}

/** A picture to look at: a row per image; columns are the input, the methods and the sharp image, where there is one. */
async function writeSamples({ directory, journal }: EvaluationSetting, data: Dataset, labels: string[], count: number) {
  if (count === 0) return;
  const rows: Image[][] = [];
  for (let i = 0; i < count; i++) {
    const shown = await Promise.all(labels.map((label) => readPng(imageFile(directory.file('evaluation', label), i))));
    if (!data.hasSharp) {
      rows.push(shown);
      continue;
    }
    const sharp = await data.read(i);
    const file = imageFile(sharpFolder(directory.path), i);
    makeFolder(dirname(file));
    writeFileSync(file, await png(sharp));
    rows.push([...shown, sharp]);
  }
  journal.artifact('samples.png', directory.write('figures/samples.png', await contactSheet(rows)));
}

/** Errors: `UserError` if it is no image. */
async function readPng(file: string): Promise<Image> {
  try {
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data) };
  } catch (error) {
    const why = (error as Error).message;
    throw new UserError(`${file} is damaged: ${why}. Remove that file: the same \`yarn experiment\` makes it again.`);
  }
}
