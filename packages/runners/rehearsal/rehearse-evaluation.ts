import { isSetMetric, pairAt, type Dataset, type Metric } from '@dualprior/blocks';
import type { Container, Experiment } from '@dualprior/core';
import { columnsOf, sourcesOf } from '../evaluation/evaluate.ts';
import { restoreImages } from '../evaluation/restore.ts';
import { restoring } from '../evaluation/restoring.ts';
import type { Method } from '../methods/method.ts';
import { peakMemoryOf } from './peak-memory-of.ts';

export interface RehearsedMethod {
  readonly name: string;
  readonly parameters: number;
  /** Shapes of the batch and of what the method makes of it: NHWC. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly seconds: number;
  readonly peakBytes: number | null;
  /** Columns that were measured, or whose vectors were made where they are of sets of images. */
  readonly columns: readonly string[];
}

/** One batch of a few test images by every method, measured by every metric; `release` frees the networks of one method. */
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
  const metrics = [...experiment.entries('metrics').keys()].map((name) => container.get<Metric>('metrics', name));
  const few = Math.min(count, data.length);
  const pairs = await Promise.all(Array.from({ length: few }, (_, i) => pairAt(data, i)));
  const rehearsed: RehearsedMethod[] = [];
  try {
    for (const metric of metrics) await metric.prepare?.();
    for (const name of experiment.entries('methods').keys()) {
      try {
        const method = container.get<Method>('methods', name);
        const clock = performance.now();
        const { result: output, peakBytes } = await peakMemoryOf(async () => {
          const step = restoring((images) => method.restore(images), runtime.compile);
          const restored = restoreImages(
            pairs.map(({ degraded }) => degraded),
            step,
          );
          step.dispose();
          for (const metric of metrics) {
            if (isSetMetric(metric)) continue;
            for (const [i, image] of restored.entries()) await metric.measure(image, pairs[i]!.sharp);
          }
          for (const source of sourcesOf(metrics)) source.of(restored);
          return restored;
        });
        const shape = ({ width, height }: { width: number; height: number }) => [few, height, width, 3];
        rehearsed.push({
          name,
          parameters: method.parameters,
          input: shape(pairs[0]!.degraded),
          output: shape(output[0]!),
          seconds: (performance.now() - clock) / 1000,
          peakBytes,
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
