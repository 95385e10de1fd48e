import { bytes, millions, seconds, shape } from './figures.ts';
import type { RehearsedMethod } from './rehearse-evaluation.ts';
import type { RehearsedStage } from './rehearse-stage.ts';
import type { StageNetwork } from './stage-networks.ts';
import type { WithoutGradient } from './without-gradient.ts';

export interface DryRunStage extends RehearsedStage {
  readonly networks: readonly StageNetwork[];
  /** Greatest resident memory of the process that ran it, in bytes; null where the system does not tell it. */
  readonly peakBytes: number | null;
}

/** `trains gfpgan 0.015 M (of 0.031 M) · uses regressor 0.020 M, not trained`. */
export function describeNetworks(networks: readonly StageNetwork[]): string {
  const listed = (trained: boolean) =>
    networks
      .filter((network) => network.trained === trained)
      .map(({ reference, parameters, trainable }) =>
        trained && trainable < parameters
          ? `${reference} ${millions(trainable)} (of ${millions(parameters)})`
          : `${reference} ${millions(parameters)}`,
      )
      .join(', ');
  const [trained, others] = [listed(true), listed(false)];
  return `trains ${trained}${others && ` · uses ${others}, not trained`}`;
}

export function describeStage({ batch, seconds: times, peakBytes, withoutGradient }: DryRunStage): string[] {
  return [
    `one step on ${shape(batch)} in ${seconds(times[0]!)}, at most ${bytes(peakBytes)} of memory`,
    ...(withoutGradient.length === 0 ? ['every parameter has a gradient'] : withoutGradient.map(describeMissing)),
  ];
}

function describeMissing({ reference, count, names, reason }: WithoutGradient): string {
  const which = `${count} ${count === 1 ? 'parameter' : 'parameters'} of ${reference} (${names.join(', ')})`;
  if (reason !== undefined) return `no loss depends on ${which}, as it must be: ${reason}`;
  return `no loss depends on ${which}, and nothing says why: they stay as they are`;
}

export function describeEvaluation(methods: readonly RehearsedMethod[], peakBytes: number | null): string[] {
  const [columns, images] = [methods[0]?.columns ?? [], methods[0]?.input[0]];
  return [
    ...methods.map(
      ({ name, parameters, input, output, seconds: time }) =>
        `${name} · ${millions(parameters)} parameters · ${shape(input)} to ${shape(output)} in ${seconds(time)}`,
    ),
    `at most ${bytes(peakBytes)} of memory` +
      (columns.length > 0
        ? ` · computed ${columns.join(', ')} of ${images} images, whose values mean nothing yet`
        : ''),
  ];
}
