import { isConverted, type Network, type Part } from '@dualprior/blocks';
import {
  eachFinite,
  refuseNotFinite,
  UserError,
  withoutCounters,
  type ComponentSpec,
  withOptions,
  type StateDict,
  type WeightsFile,
} from '@dualprior/core';
import { fitsOf, isExact, stateOf, worthTelling } from './fit.ts';
import { misfitError } from './misfit.ts';
import { nearestArchitecture, type Create } from './nearest-architecture.ts';
import { isAverage, namesOfParts, partsOf } from './parts.ts';
import { readContents } from './read-contents.ts';
import { leftOut, noSuchPart, placeOf, suggestion } from './words.ts';

interface LoadedWeights {
  /** A tensor is read from the file, and checked to be finite, when its values are asked for. */
  readonly state: StateDict;
  /** Reads all of it. Errors: `UserError` with all that is not finite. */
  verify(): void;
  /** What a user should know of them: which part was chosen, what was converted and left out. Undefined: there is nothing to say. */
  readonly report: string | undefined;
  /** Whether another part fits as well, so that the user should say which one is meant. */
  readonly isDoubtful: boolean;
}

/**
 * The weights of a file for a network, wherever they lie in there, and in whichever public layout.
 *
 * @param spec the component that `module` is of
 * @param create makes networks of other options, to say which one the weights would fit
 * Errors: `UserError` if the file cannot be read or its weights are another architecture's (what is missing, unexpected and of another
 * shape, and the nearest architecture); not finite, when it is verified or read.
 */
export function loadWeights(weights: WeightsFile, module: Network, spec: ComponentSpec, create: Create): LoadedWeights {
  const { file } = weights;
  const { tensors: all, attributes } = readContents(file);
  const { tensors, count: counters } = withoutCounters(all);
  if (tensors.size === 0) throw new UserError(`${file} holds nothing but counters of thop.`);
  const parts = partsOf({ tensors, attributes }, weights.part);
  if (parts.length === 0) throw noSuchPart(weights, namesOfParts(tensors));
  const [fit, ...others] = fitsOf(module, parts, tensors).filter(isExact);
  if (fit) {
    const state = stateOf(module, fit.part, tensors);
    const rivals = others.map(({ part }) => part);
    const report = [...choice(weights, fit.part, rivals), ...leftOut(counters)].join('; ');
    const isDoubtful = rivals.length > 0 && !isAverage(fit.part.name);
    const checked = { state: eachFinite(file, state), verify: () => refuseNotFinite(file, state) };
    return { ...checked, report: report === '' ? undefined : report, isDoubtful };
  }
  const given = withOptions(spec);
  const near = nearestArchitecture(given, create, parts, tensors);
  const told = worthTelling(module, parts, tensors);
  const advice = near ? suggestion(given, near.spec, near.fit) : 'No network here is near it.';
  throw misfitError(`${placeOf(file, told.part)} does not fit ${spec.type}:`, told, advice);
}

/** Which part was taken, and what else could have been. */
function choice({ file, part: wanted }: WeightsFile, part: Part, rivals: readonly Part[]): string[] {
  const remarks = isConverted(part) ? part.remarks : [];
  if (part.name === '' && !isConverted(part)) return [];
  const others = rivals.map(({ name }) => (name === '' ? 'the whole file' : `"${name}"`));
  const verb = others.length === 1 ? 'fits' : 'fit';
  const asWell = `${others.join(', ')} ${verb} as well: choose with {file: ${file}, part: ${rivals[0]?.name ?? ''}}`;
  return [
    `begins with ${placeOf(file, part)}${wanted === undefined && isAverage(part.name) ? ', an average' : ''}`,
    ...(others.length > 0 ? [asWell] : []),
    ...remarks,
  ];
}
