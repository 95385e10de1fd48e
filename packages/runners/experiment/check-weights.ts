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
import { describeMisfit } from '../weights/misfit.ts';
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
      return [{ place: experiment.origin(spec), message: `networks.${name}.weights: ${error.message}` }];
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
  throw new UserError([`"${reference}" is of another architecture:`, ...describeMisfit(fit)].join('\n  '));
}
