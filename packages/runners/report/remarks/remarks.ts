import type { Experiment } from '@dualprior/core';
import { absentLosses } from './absent-losses.ts';
import { chosenCheckpoints } from './chosen-checkpoints.ts';
import { featureSizes } from './feature-size.ts';
import { freshPriors } from './fresh-priors.ts';
import { lambdaDepartures } from './lambdas.ts';
import { givenWeights } from './given-weights.ts';
import { seenValidations } from './seen-validations.ts';
import { sharedExtractors } from './shared-extractors.ts';
import { substitutes } from './substitutes.ts';

/** What a reader of the table must know and the numbers do not say, a sentence each. */
export function remarksOn(experiment: Experiment): string[] {
  return [
    ...substitutes(experiment),
    ...sharedExtractors(experiment),
    ...featureSizes(experiment),
    ...lambdaDepartures(experiment),
    ...givenWeights(experiment),
    ...freshPriors(experiment),
    ...absentLosses(experiment),
    ...chosenCheckpoints(experiment),
    ...seenValidations(experiment),
  ];
}
