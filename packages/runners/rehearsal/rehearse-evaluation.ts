import {
  isSetMetric,
  measureImage,
  pairAt,
  type Dataset,
  type Image,
  type Metric,
  type Vectors,
} from '@dualprior/blocks';
import type { Container, Experiment } from '@dualprior/core';
import { columnsOf, sourcesOf } from '../evaluation/evaluate.ts';
import { imageTensor } from '../inference/images.ts';
import { finiteImages } from '../inference/not-finite-image.ts';
import { ReadableImages } from '../inference/readable-images.ts';
import { restoreImages } from '../inference/restore.ts';
import { restoring } from '../inference/restoring.ts';
import type { Method } from '../methods/method.ts';
import { UnreadableImages } from '../inference/unreadable-images.ts';

export interface RehearsedMethod {
  readonly name: string;
  readonly parameters: number;
  /** Shapes of the batch and of what the method makes of it: NHWC. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly seconds: number;
  /** Columns whose values were computed. */
  readonly columns: readonly string[];
}

const SILENT = { info: () => {}, warn: () => {} };

/** One batch of a few test images by every method, measured by every metric that so few suffice for; `release` frees the networks of one method. */
export async function rehearseEvaluation(
  experiment: Experiment,
  container: Container,
  count: number,
  release: () => void,
): Promise<RehearsedMethod[]> {
  const { evaluation, runtime } = experiment.config;
  if (!evaluation) return [];
  const data = container.get<Dataset>('data', evaluation.data);
  await data.prepare();
  const all = [...experiment.entries('metrics').keys()].map((name) => container.get<Metric>('metrics', name));
  const few = Math.min(count, data.length);
  const metrics = all.filter((metric) => !isSetMetric(metric) || few >= metric.minimumImages);
  const readable = new ReadableImages(data, new UnreadableImages(SILENT).of('validation', data), few);
  const pairs = await readable.untilReadable(() =>
    Promise.all(Array.from({ length: few }, (_, i) => pairAt(readable, i))),
  );
  const sources = sourcesOf(metrics);
  const rehearsed: RehearsedMethod[] = [];
  try {
    for (const metric of metrics) await metric.prepare?.();
    const vectorsOf = (images: readonly Image[]) =>
      sources.map((source): Vectors => ({ count: few, length: source.length, values: source.of(images) }));
    const sharp = vectorsOf(pairs.flatMap((pair) => pair.sharp ?? []));
    for (const name of experiment.entries('methods').keys()) {
      try {
        const method = container.get<Method>('methods', name);
        const clock = performance.now();
        const step = restoring((images) => method.restore(images), runtime.compile);
        const degraded = pairs.map((pair) => pair.degraded);
        const restored = finiteImages(() => restoreImages(degraded, step), {
          name: `The method "${name}"`,
          image: (i) => data.name(i),
          again: (i) => [method.restore(imageTensor([degraded[i]!]))],
        });
        step.dispose();
        const vectors = vectorsOf(restored);
        for (const metric of metrics) {
          if (isSetMetric(metric)) {
            const source = sources.findIndex(({ key }) => key === metric.vectors.key);
            metric.compare(vectors[source]!, sharp[source]!);
          } else {
            for (const [i, image] of restored.entries()) await measureImage(metric, image, pairs[i]!.sharp);
          }
        }
        const shape = ({ width, height }: { width: number; height: number }) => [few, height, width, 3];
        rehearsed.push({
          name,
          parameters: method.parameters,
          input: shape(pairs[0]!.degraded),
          output: shape(restored[0]!),
          seconds: (performance.now() - clock) / 1000,
          columns: columnsOf(metrics).map((column) => column.name),
        });
      } finally {
        release();
      }
    }
  } finally {
    for (const metric of metrics) metric.dispose?.();
  }
  return rehearsed;
}
