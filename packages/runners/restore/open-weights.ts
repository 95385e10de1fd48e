import { isRestorer } from '@dualprior/blocks';
import { catalogue, loadEngine, Parameters, eachFinite, UserError } from '@dualprior/core';
import { RegressionMethod } from '../methods/regression.ts';
import { stateOf } from '../networks/weights/fit.ts';
import { recognise } from '../networks/weights/recognise.ts';
import type { KnownMethod } from './open-method.ts';

/**
 * One network as a method, of a file that holds its weights and nothing else.
 * Errors: `UserError` if the file cannot be read, holds no network that is known, or one that restores no images.
 */
export function methodOfWeights(file: string, device: 'auto' | 'cpu' | 'gpu' | undefined): KnownMethod {
  const { spec, untold, network, part, contents } = recognise({ file });
  if (!isRestorer(network)) throw new UserError(`${file} holds a ${spec.type}, which restores no images.`);
  const state = stateOf(network, part, contents.tensors);
  loadEngine(device);
  const parameters = new Parameters(network, eachFinite(file, state));
  const method = new RegressionMethod({ network: { reference: file, module: network, parameters } });
  const where = part.name === '' ? '' : `, its part "${part.name}"`;
  return {
    name: `the ${spec.type} of ${file}`,
    method,
    notes: [
      `${spec.type} of ${file}${where}`,
      ...(untold.length > 0
        ? [`the file does not determine ${untold.join(', ')}: the official defaults are used`]
        : []),
    ],
    recipe: () => ({
      spec: { type: catalogue.typeOf('method', method)!, network: spec.type },
      networks: [{ reference: spec.type, spec, state: parameters.stateDict() }],
    }),
    dispose: () => parameters.dispose(),
  };
}
