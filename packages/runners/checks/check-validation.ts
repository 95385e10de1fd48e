import { ConfigError, type Experiment, type Finding } from '@dualprior/core';
import { areOneEntry, haveSharedImages } from '../inference/shared-images.ts';

/**
 * A stage must not be validated on images that it is trained on or that the evaluation is on: the best checkpoint would be chosen by them. Nor
 * must it be trained on the data set of the evaluation.
 * Errors: all stages that are, as far as the options tell (other lists or folders may name the same images: see `sharedImages`).
 */
export function checkValidation(experiment: Experiment): void {
  const evaluation = experiment.config.evaluation?.data;
  const findings = [...experiment.entries('stages')].flatMap(([name, spec]): Finding[] => {
    const { validation, data } = spec as { validation?: string; data?: string };
    const tested = data !== undefined && evaluation !== undefined && areOneEntry(experiment, data, evaluation);
    const trained: Finding[] = tested
      ? [
          {
            place: experiment.origin(spec, 'data'),
            message: `stages.${name}.data: "${data}" has the images of the evaluation ("${evaluation}"); what was learnt by heart would be tested`,
            found: data,
            allowed: 'images that are not those of the evaluation',
            hint: `e.g. evaluation: {data: {type: held-out, of: ${data}}}, where the training images have \`holdOut: 32\``,
          },
        ]
      : [];
    if (validation === undefined) return trained;
    const place = experiment.origin(spec, 'validation');
    const shares = (other: string | undefined) =>
      other !== undefined && haveSharedImages(experiment, validation, other);
    const finding = (whose: string, why: string): Finding => ({
      place,
      message: `stages.${name}.validation: "${validation}" has images of ${whose}; ${why}`,
      found: validation,
      allowed: 'images of neither the training nor the evaluation',
      hint: `e.g. {type: held-out, of: ${data ?? 'TRAINING'}}, where the training images have \`holdOut: 32\``,
    });
    return [
      ...trained,
      ...(shares(evaluation)
        ? [finding(`the evaluation ("${evaluation}")`, 'what is chosen by test images is not tested by them')]
        : []),
      ...(shares(data) ? [finding(`the training ("${data}")`, 'what was learnt by heart would be the best')] : []),
    ];
  });
  if (findings.length > 0) throw new ConfigError(findings);
}
