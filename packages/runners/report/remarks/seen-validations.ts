import type { Experiment } from '@dualprior/core';
import { haveSharedImages } from '../../inference/shared-images.ts';
import { dataOf } from '../../stages/stage-facts.ts';
import { stages } from '../../stages/stage.ts';

/** Stages that were trained on validation images of stages that depend on them, a line each. */
export function seenValidations(experiment: Experiment): string[] {
  const seenBy = new Map<string, string[]>();
  for (const [name, spec] of experiment.entries('stages')) {
    const validation = dataOf(stages.about(spec).validation);
    for (const earlier of experiment.stagesBehind('stages', name)) {
      const training = dataOf(stages.about(experiment.entry('stages', earlier)).data);
      const shared = validation.some(({ data: seen }) =>
        training.some(({ data }) => haveSharedImages(experiment, seen, data)),
      );
      if (shared) seenBy.set(earlier, [...(seenBy.get(earlier) ?? []), name]);
    }
  }
  return [...seenBy].map(
    ([earlier, later]) =>
      `Stage ${earlier} was trained on validation images of ${later.join(', ')}, which ` +
      `${later.length > 1 ? 'depend' : 'depends'} on it: validation PSNR is of faces that were seen before (the table is not).`,
  );
}
