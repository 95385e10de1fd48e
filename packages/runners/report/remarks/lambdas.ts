import type { Experiment } from '@dualprior/core';
import { stages } from '../../stages/stage.ts';

/** Every lambda of equations 2 to 4 that is not the paper's, a line per stage. */
export function lambdaDepartures(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, spec]) => {
    const { departures = [] } = stages.about(spec);
    return departures.length > 0 ? [`Stage ${name} departs from the paper's equations: ${departures.join(', ')}.`] : [];
  });
}
