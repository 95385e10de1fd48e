import { readFile } from 'node:fs/promises';
import { decode, positions, samplesAt, toBatch, type Dataset, type Sampling } from '@dualprior/blocks';
import { Container, LOG, Random, UserError, type ComponentSpec, type Experiment, type Log } from '@dualprior/core';
import sharp from 'sharp';
import { dataOf, imagesAStep } from '../../stages/stage-facts.ts';
import { stages } from '../../stages/stage.ts';
import { Stopwatch } from './stopwatch.ts';
import { TimedDataset } from './timed-dataset.ts';

/** What the training images of a stage cost. */
export interface DataBench {
  readonly stage: string;
  readonly data: string;
  /** Images of a step. */
  readonly batch: number;
  /** Side of the crops, in pixels; null: whole images. */
  readonly crop: number | null;
  /** How many images were timed. */
  readonly images: number;
  /** Processor time an image in ms, by what it is spent for. */
  readonly parts: readonly { readonly name: string; readonly ms: number }[];
  /** The time of all parts together, in ms. */
  readonly ms: number;
}

interface Options {
  /** Default: all stages. */
  readonly stage?: string | undefined;
  /** How many images are timed. */
  readonly images: number;
  readonly log: Log;
}

/**
 * Times how the training images of an experiment's stages are made, one after the other on one thread: reading the file, decoding it, resizing
 * it, degrading it, and making a batch of it (flipping, cropping, numbers in [0, 1]). Stages whose images are made alike are timed once.
 * Errors: there is no such stage; the images are not there.
 */
export async function timeData(experiment: Experiment, { stage, images, log }: Options): Promise<DataBench[]> {
  const all = [...experiment.entries('stages')];
  if (all.length === 0) throw new UserError(`${experiment.name} has no stages, so no training images.`);
  const chosen = all.filter(([name]) => stage === undefined || name === stage);
  if (chosen.length === 0) {
    const names = all.map(([name]) => name).join(', ');
    throw new UserError(`${experiment.name} has no stage "${stage}"; its stages: ${names}.`);
  }
  sharp.concurrency(1);
  const benches = new Map<string, DataBench>();
  for (const [name, spec] of chosen) {
    const facts = stages.about(spec);
    const batch = Math.round(imagesAStep(facts));
    for (const { data } of dataOf(facts.data)) {
      const sampling = { size: batch, onDevice: experiment.config.runtime.degrade === 'device', ...optionsOf(spec) };
      const key = JSON.stringify([data, sampling]);
      if (benches.has(key)) continue;
      // A data set of its own each time, which keeps no image in memory yet. The first time, code is compiled, and images are kept on the disk where the data set does so.
      const own = async () => {
        const dataset = new Container(experiment, { services: [[LOG, log]] }).get<Dataset>('data', data);
        await dataset.prepare();
        return dataset;
      };
      await timed(await own(), sampling, images, experiment.config.seed);
      const parts = await timed(await own(), sampling, images, experiment.config.seed);
      const ms = parts.reduce((sum, part) => sum + part.ms, 0);
      benches.set(key, { stage: name, data, batch, crop: sampling.crop ?? null, images, parts, ms });
    }
  }
  return [...benches.values()];
}

/** The options by which stages say how their batches are made; a stage without them takes whole images as they are. */
function optionsOf(spec: ComponentSpec): Pick<Sampling, 'crop' | 'augment'> {
  const { batch, augment } = spec as { batch?: { crop?: number }; augment?: Partial<Sampling['augment']> };
  return { crop: batch?.crop, augment: { flip: false, rotate: false, ...augment } };
}

async function timed(
  dataset: Dataset,
  sampling: Omit<Sampling, 'stream' | 'iteration'>,
  images: number,
  seed: number,
): Promise<DataBench['parts']> {
  const random = new Random(seed);
  const make = async (iteration: number, watch: Stopwatch) => {
    const whole = { ...sampling, stream: 'batch', iteration, size: 1 };
    const made = new Stopwatch();
    await made.time('all', async () =>
      toBatch(await samplesAt(new TimedDataset(dataset, watch), random, whole, positions(whole))),
    );
    return made.of('all');
  };
  const watch = new Stopwatch();
  let all = 0;
  for (let i = 0; i < images; i++) all += await make(i, watch);
  const [reading, degrading] = [watch.of('reading'), watch.of('degrading')];
  const files = await timedFiles(dataset, images);
  const parts = [
    ...(files ? fileParts(files, reading) : [{ name: 'draw', ms: reading }]),
    { name: 'degrade', ms: degrading },
    { name: 'batch', ms: all - reading - degrading },
  ];
  return parts.map(({ name, ms }) => ({ name, ms: Math.max(0, ms) / images }));
}

/** Splits reading by the data set into parts; the remainder is resizing. If it takes less time than decoding alone, decoded images were cached. */
function fileParts({ read, decode }: { read: number; decode: number }, reading: number) {
  if (reading < decode) return [{ name: 'read, decoded', ms: reading }];
  return [
    { name: 'read', ms: read },
    { name: 'decode', ms: decode - read },
    { name: 'resize', ms: reading - decode },
  ];
}

/** The same number of files as they are, read, and read and decoded; undefined where images are drawn. */
async function timedFiles(dataset: Dataset, images: number): Promise<{ read: number; decode: number } | undefined> {
  const count = Math.min(dataset.length, images);
  const files = Array.from({ length: count }, (_, i) => dataset.file(i)).filter((file) => file !== undefined);
  if (files.length === 0) return undefined;
  const watch = new Stopwatch();
  for (const file of files) await watch.time('read', () => readFile(file));
  for (const file of files) await watch.time('decode', () => decode(file, undefined));
  const scale = images / files.length;
  return { read: watch.of('read') * scale, decode: watch.of('decode') * scale };
}
