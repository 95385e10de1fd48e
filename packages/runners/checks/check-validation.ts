import { ConfigError, type Experiment, type Finding } from '@dualprior/core';
import { areOneEntry, haveSharedImages } from '../inference/shared-images.ts';
import { dataOf, type DataUse } from '../stages/stage-facts.ts';
import { stages } from '../stages/stage.ts';

/**
 * A stage must not be validated on images that it is trained on or that the evaluation is on: the best checkpoint would be chosen by them. Nor
 * must it be trained on the data set of the evaluation.
 * Errors: all stages that are, as far as the options tell (other lists or folders may name the same images: see `sharedImages`).
 */
export function checkValidation(experiment: Experiment): void {
  const evaluation = experiment.config.evaluation?.data;
  const findings = [...experiment.entries('stages')].flatMap(([name, spec]): Finding[] => {
    const facts = stages.about(spec);
    const training = dataOf(facts.data);
    const trained = ({ option, data }: DataUse): Finding[] =>
      evaluation !== undefined && areOneEntry(experiment, data, evaluation)
        ? [
            {
              place: experiment.origin(spec, option),
              message: `stages.${name}.${option}: "${data}" has the images of the evaluation ("${evaluation}"); what was learnt by heart would be tested`,
              found: data,
              allowed: 'images that are not those of the evaluation',
              hint: `e.g. evaluation: {data: {type: held-out, of: ${data}}}, where the training images have \`holdOut: 32\``,
            },
          ]
        : [];
    const validated = ({ option, data: validation }: DataUse): Finding[] => {
      const finding = (whose: string, why: string): Finding => ({
        place: experiment.origin(spec, option),
        message: `stages.${name}.${option}: "${validation}" has images of ${whose}; ${why}`,
        found: validation,
        allowed: 'images of neither the training nor the evaluation',
        hint: `e.g. {type: held-out, of: ${training[0]?.data ?? 'TRAINING'}}, where the training images have \`holdOut: 32\``,
      });
      return [
        ...(evaluation !== undefined && haveSharedImages(experiment, validation, evaluation)
          ? [finding(`the evaluation ("${evaluation}")`, 'what is chosen by test images is not tested by them')]
          : []),
        ...training
          .filter(({ data }) => haveSharedImages(experiment, validation, data))
          .map(({ data }) => finding(`the training ("${data}")`, 'what was learnt by heart would be the best')),
      ];
    };
    return [...training.flatMap(trained), ...dataOf(facts.validation).flatMap(validated)];
  });
  if (findings.length > 0) throw new ConfigError(findings);
}
