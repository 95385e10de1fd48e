import { isImporting, type Network } from '@dualprior/blocks';
import {
  catalogue,
  readWeights,
  refuseNotFinite,
  showValue,
  UserError,
  type ComponentSpec,
  type StateDict,
} from '@dualprior/core';
import { bestFit, isExact, partsOf, stateOf, worthTelling, type Fit, type Part } from './fit.ts';
import { misfitError } from './misfit.ts';
import { nearestArchitecture, type Create } from './nearest-architecture.ts';

/**
 * The weights of a file for a network, whatever they lie in there.
 *
 * @param spec the component that `module` is of
 * @param create makes networks of other options, to say which one the weights would fit
 * Errors: `UserError` if the file cannot be read or its weights are another architecture's (what is missing, unexpected and of another
 * shape, and the nearest architecture) or not finite.
 */
export function loadWeights(file: string, module: Network, spec: ComponentSpec, create: Create): StateDict {
  const checkpoint = readWeights(file);
  if (checkpoint.size === 0) throw new UserError(`${file} holds no tensors.`);
  const parts = withOtherReleases(module, partsOf(checkpoint));
  const fit = bestFit(module, parts, checkpoint);
  if (isExact(fit)) {
    const state = stateOf(module, fit.part, checkpoint);
    refuseNotFinite(file, state);
    return state;
  }
  const near = nearestArchitecture(spec, create, parts, checkpoint);
  const told = worthTelling(module, parts, checkpoint);
  const place = told.part.name === '' ? file : `${file} (its part "${told.part.name}")`;
  const advice = near ? suggestion(spec, near.spec, near.fit) : 'No network here is near it.';
  throw misfitError(`${place} does not fit ${spec.type}:`, told, advice);
}

/** The parts, and those that the network knows from another release also in its own layout. */
function withOtherReleases(module: Network, parts: readonly Part[]): Part[] {
  if (!isImporting(module)) return [...parts];
  return parts.flatMap((part) => {
    const tensors = module.fromOtherRelease(part.tensors);
    return tensors ? [{ name: part.name, tensors }, part] : [part];
  });
}

function defaultsOf(type: string): Readonly<Record<string, unknown>> {
  const { properties } = catalogue.find('network', type)!.declaration.options;
  return Object.fromEntries(Object.entries(properties).map(([name, option]) => [name, option.default as unknown]));
}

function suggestion(given: ComponentSpec, near: ComponentSpec, fit: Fit): string {
  const before = near.type === given.type ? given : defaultsOf(near.type);
  const changed = Object.entries(near).filter(
    ([name, value]) => name !== 'type' && showValue(value, Infinity) !== showValue(before[name], Infinity),
  );
  const options = changed.map(([name, value]) => `${name}: ${showValue(value, Infinity)}`).join(', ');
  const what = `{type: ${near.type}${options ? `, ${options}` : ''}}`;
  if (isExact(fit)) return `It fits ${what}.`;
  if (changed.length === 0 && near.type === given.type) return 'No change of its options brings it nearer.';
  const wrong = fit.missing.length + fit.unexpected.length + fit.misshapen.length;
  return `The nearest is ${what}, from which ${wrong} names or shapes still differ.`;
}
