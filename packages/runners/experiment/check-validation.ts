import { ConfigError, type ComponentSpec, type Experiment, type Finding } from '@dualprior/core';

/** The images of a data set: the one that they lie in, and whether they are those which that one holds out. */
interface Images {
  readonly of: ComponentSpec;
  readonly heldOut: boolean;
}

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

/** Whether two data sets have images in common, as far as their options tell. */
export function haveSharedImages(experiment: Experiment, one: string, other: string): boolean {
  return areShared(imagesOf(experiment, one), imagesOf(experiment, other));
}

/** Whether two data sets are drawn and have drawings in common. */
export function areDrawnAlike(experiment: Experiment, one: string, other: string): boolean {
  return isDrawn(imagesOf(experiment, one)) && haveSharedImages(experiment, one, other);
}

/** Whether two names stand for the same part of one entry, however often it is repeated. */
function areOneEntry(experiment: Experiment, one: string, other: string): boolean {
  const [a, b] = [imagesOf(experiment, one), imagesOf(experiment, other)];
  return a.of === b.of && a.heldOut === b.heldOut;
}

function imagesOf(experiment: Experiment, name: string): Images {
  const spec = experiment.entry('data', name);
  const { of: inner } = spec;
  if (typeof inner !== 'string') return { of: spec, heldOut: false };
  const images = imagesOf(experiment, inner);
  return spec.type === 'held-out' ? { ...images, heldOut: true } : images;
}

/** Whether two data sets have images in common: those of one source do, but for what one split of it parts. */
function areShared(one: Images, other: Images): boolean {
  const equal = (...options: string[]) =>
    options.every((option) => JSON.stringify(one.of[option]) === JSON.stringify(other.of[option]));
  if (!equal('type', 'root', 'list', 'test', ...(isDrawn(one) ? ['seed'] : []))) return false;
  const splits = [one.of['split'], other.of['split']];
  if (splits[0] !== splits[1] && !splits.includes('all')) return false;
  return one.heldOut === other.heldOut || !equal('limit', 'holdOut', 'seed');
}

function isDrawn({ of }: Images): boolean {
  return of['root'] === undefined;
}
