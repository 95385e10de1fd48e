import { weightsOf } from '@dualprior/blocks';
import { parseNetworkReference, weightsFileOf, type Experiment } from '@dualprior/core';

/** Whether a reference names a network with random weights: it has neither weights of a file nor a stage that trained it. */
export function isFresh(experiment: Experiment, reference: string): boolean {
  const { stage, network } = parseNetworkReference(reference);
  if (stage !== undefined) return false;
  const weights = weightsOf(experiment.entry('networks', network));
  if (weights === undefined) return true;
  return weightsFileOf(weights) === undefined && isFresh(experiment, weights as string);
}
