import { weightsOf, type Network } from '@dualprior/blocks';
import {
  ConfigError,
  UserError,
  weightsFileOf,
  type ComponentSpec,
  type Container,
  type Experiment,
  type Finding,
  type Log,
  type StateDict,
  parseNetworkReference,
} from '@dualprior/core';
import { bestFit, isExact } from '../networks/weights/fit.ts';
import { loadWeights } from '../networks/weights/load-weights.ts';
import { misfitError } from '../networks/weights/misfit.ts';

/** Checks that the weights with which networks begin are there and fit, and says which they are. Errors: all that is wrong at once. */
export function checkWeights(experiment: Experiment, container: Container, log: Log): void {
  const create = (spec: ComponentSpec) => container.create<Network>('network', spec);
  const findings = [...experiment.entries('networks')].flatMap(([name, spec]): Finding[] => {
    const weights = weightsOf(spec);
    if (weights === undefined) return [];
    const file = weightsFileOf(weights);
    try {
      if (!file) checkOther(weights as string, create(spec), create(networkOf(experiment, weights as string)));
      else {
        const { report, isDoubtful } = loadWeights(file, create(spec), spec, create);
        if (report !== undefined) log[isDoubtful ? 'warn' : 'info'](`networks.${name} ${report}`);
      }
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
  return experiment.entry('networks', parseNetworkReference(reference).network);
}

/** The weights of another network need not be there yet: their names and shapes are known. */
function checkOther(reference: string, module: Network, other: Network): void {
  const tensors: StateDict = new Map(
    [...other.parameters(), ...other.buffers()].map(([name, { shape }]) => [
      name,
      { shape, values: new Float32Array() },
    ]),
  );
  const fit = bestFit(module, [{ name: '', tensors, attributes: new Map() }], tensors);
  if (isExact(fit)) return;
  throw misfitError(`"${reference}" is of another architecture:`, fit);
}
