import { createRequire } from 'node:module';
import { deserialize } from 'node:v8';
import {
  catalogue,
  Container,
  Experiment,
  LOG,
  Random,
  UserError,
  type ExperimentConfig,
  type Log,
} from '@dualprior/core';
import { shareWithPlugins } from '@dualprior/core/plugins/commonjs';
import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import sharp from 'sharp';
import './components.generated.ts';
import type { Dataset } from './data/dataset.ts';
import { ImageCache } from './data/files/image-cache.ts';
import type { Image } from './images/image.ts';
import { pairAt, type Pair } from './data/sampler/pair-at.ts';
import { samplesAt, type Sample } from './data/sampler/sample-batch.ts';
import { UnreadableImage } from './data/files/unreadable.ts';
import type { Reply, Request, WorkerData } from './data/sampler/request.ts';

// A worker thread of `WorkerSampler`: makes the same data sets from their description, and samples of them.

const { sections, components, workers, doors } = workerData as WorkerData;

const known = catalogue.files();
const plugins = components.filter((file) => !known.has(file));

ImageCache.threads = workers;
sharp.concurrency(1); // threads an image: there are as many workers as there should be threads

const silent: Log = { info: () => {}, warn: () => {} };
const nothing = { networks: {}, stages: {}, methods: {}, metrics: {}, evaluation: null, tracking: null };
const runtime: ExperimentConfig['runtime'] = { device: 'cpu', compile: false, recompute: false };
const loading = loadPlugins().then(() => {
  const experiment = new Experiment('', { name: 'data', seed: 0, runtime, ...nothing, ...sections });
  return new Container(experiment, { services: [[LOG, silent]] });
});
loading.catch(() => {}); // each request tells it

export default async function handle(request: Request): Promise<unknown> {
  try {
    const dataset = (await loading).get<Dataset>('data', request.data);
    await dataset.prepare(deserialize(new Uint8Array(request.found).slice()));
    return 'index' in request
      ? moved(await pairAt(dataset, request.index).then(owned))
      : moved(await samplesAt(dataset, new Random(request.seed), request.sampling, request.positions));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message, problems } = error;
    if (!(error instanceof UnreadableImage)) return { mistake: { message, problems } } satisfies Reply<Pair>;
    const { file, reason, isKnown } = error;
    return { mistake: { message, problems, unreadable: { file, reason, isKnown } } } satisfies Reply<Pair>;
  }
}

/** Loads the plugins that declare components of the data sets. */
async function loadPlugins(): Promise<void> {
  if (plugins.length > 0 && doors) {
    const modules = Object.entries(doors).map(async ([name, url]) => [name, (await import(url)) as unknown] as const);
    const shared = new Map(await Promise.all(modules));
    (await import('tsx/cjs/api')).register();
    shareWithPlugins(shared);
  }
  const require = createRequire(import.meta.url);
  for (const file of plugins) require(file);
}

/** Copies, since the data set may keep its images. */
function owned({ sharp, degraded }: Pair): Pair {
  const copy = (image: Image): Image => ({ ...image, data: image.data.slice() });
  return { sharp: sharp && copy(sharp), degraded: copy(degraded) };
}

/** Hands the numbers over to the other thread instead of copying them. */
function moved(result: Sample[] | Pair): unknown {
  const arrays = Array.isArray(result)
    ? result.flatMap(({ sharp, degraded, blur }) => [
        sharp,
        degraded,
        ...(blur ? [blur.around, blur.kernel.weights] : []),
      ])
    : [...(result.sharp ? [result.sharp.data] : []), result.degraded.data];
  const buffers = arrays.map(({ buffer }) => buffer as ArrayBuffer);
  return move({ [transferableSymbol]: buffers, [valueSymbol]: { result } });
}
