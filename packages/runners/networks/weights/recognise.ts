import { isConverted, isRecognising, isUnshown, type Network, type Part, type Reading } from '@dualprior/blocks';
import {
  catalogue,
  UserError,
  withoutCounters,
  type Component,
  type SpecWithOptions,
  type WeightsFile,
} from '@dualprior/core';
import { readMetadata } from '../../store/weights-metadata.ts';
import { arePossible } from './are-possible.ts';
import { bestFit, isExact } from './fit.ts';
import { nearestArchitecture, type Create } from './nearest-architecture.ts';
import { namesOfParts, partsOf, type Contents } from './parts.ts';
import { readContents } from './read-contents.ts';
import { defaultsOf, noSuchPart, suggestion } from './words.ts';

/** A network that a weights file holds. */
export interface Recognised {
  /** Type of the component and its options; of those that nothing in the file tells, the official defaults. */
  readonly spec: SpecWithOptions;
  /** Names of the options that nothing in the file tells, though the network computes something else with each value. */
  readonly untold: readonly string[];
  readonly network: Network;
  /** Where its tensors lie. */
  readonly part: Part;
  /** Without the counters of thop, of which it held so many. */
  readonly contents: Counted;
}

type Counted = Contents & { readonly counters: number };

/**
 * The networks that a weights file holds, recognised by the names and shapes of its tensors, and by what it says beside them: averages
 * first, then in the order of the file.
 *
 * Errors: `UserError` if the file cannot be read, lacks the part, or holds no network of the catalogue, with the nearest.
 */
export function recogniseAll(weights: WeightsFile, create: Create = instantiate): Recognised[] {
  const { file } = weights;
  const read = readContents(file);
  const { tensors, count: counters } = withoutCounters(read.tensors);
  const contents = { ...read, tensors, counters };
  const parts = partsOf(contents, weights.part);
  if (parts.length === 0) throw noSuchPart(weights, namesOfParts(tensors));
  const found = parts.flatMap((part) => ofPart(part, contents, create));
  const whole = outermost(found);
  if (whole.length > 0) return whole;
  const near = nearestArchitecture(undefined, create, parts, tensors);
  if (near && isExact(near.fit)) {
    return [{ spec: near.spec, untold: [], network: create(near.spec), part: near.fit.part, contents }];
  }
  const nearest = near ? suggestion(undefined, near.spec, near.fit) : 'No network here is near it.';
  throw new UserError(`${file} holds no network that is known here. ${nearest}`);
}

/**
 * The network that a weights file holds. Errors: as `recogniseAll`, and if it holds networks of several architectures, of which `part`
 * must name one.
 */
export function recognise(weights: WeightsFile, create?: Create): Recognised {
  const [first, ...others] = recogniseAll(weights, create) as [Recognised, ...Recognised[]];
  const other = others.find(({ spec }) => JSON.stringify(spec) !== JSON.stringify(first.spec));
  if (!other) return first;
  const { file } = weights;
  const list = [first, ...others].map(({ part, spec }) => `  {file: ${file}, part: ${part.name}}: ${spec.type}`);
  throw new UserError(`${file} holds several networks. Say which one is meant:\n${list.join('\n')}`);
}

function instantiate({ type, ...options }: SpecWithOptions): Network {
  const { create } = catalogue.find('network', type) as Component<Network>;
  return new create(options);
}

/** The first network of the catalogue that recognises a part and fits it exactly. */
function ofPart(part: Part, contents: Counted, create: Create): Recognised[] {
  for (const component of catalogue.components('network')) {
    if (!isRecognising(component.create)) continue;
    for (const reading of component.create.recognise(part.tensors)) {
      const found = fitting(component, reading, part, contents, create);
      if (found) return [found];
    }
  }
  return [];
}

function fitting(
  { declaration: { type } }: Component,
  { options, untold }: Reading,
  part: Part,
  contents: Counted,
  create: Create,
): Recognised | undefined {
  if (!arePossible(type, options)) return undefined;
  try {
    const read = { type, ...defaultsOf(type), ...options };
    const said = [...describedBy(part, contents, type, untold), ...saidBy(part, create(read))];
    const spec = {
      ...read,
      ...Object.fromEntries(said.filter(([name, value]) => value !== (read as SpecWithOptions)[name])),
    };
    const network = create(spec);
    if (!isExact(bestFit(network, [part], contents.tensors))) return undefined;
    return { spec, untold: untold.filter((name) => !said.some(([each]) => each === name)), network, part, contents };
  } catch (error) {
    if (error instanceof UserError) return undefined; // there is no such network
    throw error;
  }
}

/** Options that a file of ours, or one that was exported, says in its metadata; only those that nothing else tells. */
function describedBy(
  { name }: Part,
  { metadata }: Contents,
  type: string,
  untold: readonly string[],
): (readonly [name: string, value: unknown])[] {
  const described = readMetadata(metadata, name);
  if (described?.architecture !== type) return [];
  return untold.flatMap((option) => {
    const value = described.options[option];
    return value === undefined || arePossible(type, { [option]: value }) ? [[option, value] as const] : [];
  });
}

/** Options that a pickled module says beside its tensors; undefined: absent. */
function saidBy(part: Part, network: Network): (readonly [name: string, value: unknown])[] {
  if (!isConverted(part)) return [];
  const own = isUnshown(network) ? network.traits : {};
  const traits = Object.entries(part.traits).filter(([name]) => name in own);
  return [...traits, ...Object.entries(part.habits)].map(([name, value]) => [name, value ?? undefined]);
}

/** Without networks that are parts of others. */
function outermost(found: readonly Recognised[]): Recognised[] {
  const isInside = (inner: string, outer: string) => inner !== outer && (outer === '' || inner.startsWith(`${outer}.`));
  const whole = found.filter(({ part }) => !found.some((other) => isInside(part.name, other.part.name)));
  return whole.filter(({ part }, i) => whole.findIndex((other) => other.part.name === part.name) === i);
}
