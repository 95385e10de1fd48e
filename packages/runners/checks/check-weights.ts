import { weightsOf, type Network } from '@dualprior/blocks';
import {
  ConfigError,
  showValue,
  UserError,
  weightsFileOf,
  withOptions,
  type ComponentSpec,
  type Container,
  type Experiment,
  type Finding,
  type Log,
  type StateDict,
  type WeightsFile,
  parseNetworkReference,
} from '@dualprior/core';
import { bestFit, isExact } from '../networks/weights/fit.ts';
import { loadWeights } from '../networks/weights/load-weights.ts';
import { misfitError } from '../networks/weights/misfit.ts';
import { recogniseOnce } from '../networks/weights/recognise-once.ts';

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
        const { report, isDoubtful, verify } = loadWeights(file, create(spec), spec, create);
        verify();
        const inferred = inference(experiment, spec, file);
        if (inferred !== undefined) log.info(`networks.${name} ${inferred}`);
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

/** What a network is whose type is not written but that of its file, and what of its options the file does not tell. */
function inference(experiment: Experiment, spec: ComponentSpec, file: WeightsFile): string | undefined {
  const [type, weights] = [experiment.origin(spec), experiment.origin(spec, 'weights')];
  if (!type || !weights || type.source !== weights.source || type.start !== weights.start) return undefined;
  const options = withOptions(spec);
  const isAssumed = (option: string) => experiment.origin(spec, option)?.start === weights.start;
  const assumed = (recogniseOnce(file)?.untold ?? [])
    .filter(isAssumed)
    .map((option) => `${option} is ${options[option] === undefined ? 'absent' : showValue(options[option])}`);
  const note = assumed.length === 0 ? '' : `; the file does not tell that ${assumed.join(', ')}`;
  return `is the ${spec.type} that its file holds${note}`;
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
