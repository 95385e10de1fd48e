import { isSetMetric, type Dataset, type ImageMetric, type Metric, type NoReferenceMetric } from '@dualprior/blocks';
import { reference, UserError } from '@dualprior/core';
import { Type } from '@sinclair/typebox';
import { checkLeastSide } from '../../inference/image-sizes.ts';
import type { StageFacts } from '../stage-facts.ts';

/** Option of the stages that validate on pairs of images. */
export const selectOption = Type.Optional(
  Type.Object(
    {
      metric: reference<Metric>('metrics', {
        description:
          'a metric of single images: validation computes it, and the checkpoint with the best mean is the result',
      }),
    },
    { additionalProperties: false, description: 'chooses the checkpoint; default: depends on the stage' },
  ),
);

/** A metric of single images, by which a checkpoint can be chosen. */
export type Selecting = ImageMetric | NoReferenceMetric;

interface Selection {
  readonly select?: { readonly metric: Metric } | undefined;
  readonly validation?: Dataset | undefined;
}

/**
 * The metric that chooses the checkpoint, where one is asked for; a metric of several columns chooses by its first.
 * Errors: validation does not compute it, or there is no validation.
 */
export function selectingMetric({ select, validation }: Selection): Selecting | undefined {
  if (!select) return undefined;
  const { metric } = select;
  if (isSetMetric(metric)) {
    const names = metric.columns.map(({ name }) => name).join(' and ');
    throw new UserError(
      `\`select\` chooses by ${names}, which validation does not compute, as it compares sets of images: ` +
        'it computes metrics of single images, such as psnr, ssim and lpips.',
    );
  }
  if (!validation) {
    throw new UserError(
      '`select` chooses by what validation computes, but the stage has no `validation`; give it one.',
    );
  }
  return metric;
}

/** Errors: validation images are too small for the metric that chooses. They are prepared. */
export function checkSelecting(metric: Selecting | undefined, validation: Dataset | undefined): void {
  if (metric && validation) {
    checkLeastSide('The metric of `select`', metric.minimumSide, validation, 'of the validation images');
  }
}

/** What a stage says of the option as it is written (`StageFacts.selection`). */
export function selectionBy(
  select: { readonly metric: string } | undefined,
  option: NonNullable<StageFacts['selection']>['option'],
): StageFacts['selection'] {
  return select && { option, entry: select.metric };
}
