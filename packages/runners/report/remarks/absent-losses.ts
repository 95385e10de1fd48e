import type { Experiment } from '@dualprior/core';
import { stages } from '../../stages/stage.ts';

/** Stages that go without what needs files of others: weights of a face network, landmarks. A line each. */
export function absentLosses(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, spec]) => {
    const { absent = [] } = stages.about(spec);
    return absent.length > 0 ? [`Stage ${name} leaves out parts of the official training: ${absent.join(', ')}.`] : [];
  });
}
