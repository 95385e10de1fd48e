import type { Network } from '@dualprior/blocks';
import {
  ConfigError,
  isWeightsFile,
  UserError,
  type ComponentSpec,
  type Container,
  type Experiment,
  type Finding,
  type Module,
  type StateDict,
} from '@dualprior/core';
import { bestFit, isExact } from '../weights/fit.ts';
import { loadWeights } from '../weights/load-weights.ts';
import { misfitError } from '../weights/misfit.ts';
import { parseReference } from './parse-reference.ts';

/** Checks that the weights with which networks begin are there and fit. Errors: all that is wrong at once. */
export function checkWeights(experiment: Experiment, container: Container): void {
  const create = (spec: ComponentSpec) => container.create<Network>('network', spec);
  const findings = [...experiment.entries('networks')].flatMap(([name, spec]): Finding[] => {
    const weights = spec['weights'] as string | undefined;
    if (weights === undefined) return [];
    try {
      if (isWeightsFile(weights)) loadWeights(weights, create(spec), spec, create);
      else checkOther(weights, create(spec), create(networkOf(experiment, weights)));
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const place = experiment.origin(spec, 'weights');
      const details = error.problems.flatMap(({ details = [] }) => details);
      return [{ place, message: `networks.${name}.weights: ${error.message}`, ...(details.length > 0 && { details }) }];
    }
  });
  if (findings.length > 0) throw new ConfigError(findings);
}

function networkOf(experiment: Experiment, reference: string): ComponentSpec {
  return experiment.entry('networks', parseReference(reference).network);
}

/** The numbers of another network need not be there yet: their names and shapes are known. */
function checkOther(reference: string, module: Module, other: Module): void {
  const tensors: StateDict = new Map(
    [...other.parameters(), ...other.buffers()].map(([name, { shape }]) => [
      name,
      { shape, values: new Float32Array() },
    ]),
  );
  const fit = bestFit(module, [{ name: '', tensors }], tensors);
  if (isExact(fit)) return;
  throw misfitError(`"${reference}" is of another architecture:`, fit);
}
