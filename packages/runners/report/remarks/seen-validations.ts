import type { Experiment } from '@dualprior/core';
import { haveSharedImages } from '../../inference/shared-images.ts';

/** Stages that were trained on validation images of stages that stand on them, a line each. */
export function seenValidations(experiment: Experiment): string[] {
  const seenBy = new Map<string, string[]>();
  for (const [name, { validation }] of experiment.entries('stages')) {
    if (typeof validation !== 'string') continue;
    for (const earlier of stagesBelow(experiment, name)) {
      const { data } = experiment.entry('stages', earlier);
      if (typeof data !== 'string' || !haveSharedImages(experiment, validation, data)) continue;
      seenBy.set(earlier, [...(seenBy.get(earlier) ?? []), name]);
    }
  }
  return [...seenBy].map(
    ([earlier, stages]) =>
      `Stage ${earlier} was trained on validation images of ${stages.join(', ')}, which ` +
      `${stages.length > 1 ? 'stand' : 'stands'} on it: validation PSNR is of faces that were seen before (the table is not).`,
  );
}

/** All stages that one stands on, also through others. */
function stagesBelow(experiment: Experiment, stage: string): Set<string> {
  const before = experiment.stagesBefore('stages', stage);
  return new Set(before.flatMap((name) => [name, ...stagesBelow(experiment, name)]));
}
