import { isConverted, isUnshown, type ConvertedPart, type Network, type Part, type Traits } from '@dualprior/blocks';
import { Buffer, descendants, Parameter, type StateDict } from '@dualprior/core';
import { largeParts } from './parts.ts';

type Shape = readonly number[];
type Trait = Traits[string];

interface Misshapen {
  readonly name: string;
  readonly found: Shape;
  readonly expected: Shape;
}

/** How well a part of a checkpoint fits a network. */
export interface Fit {
  readonly part: Part;
  /** Names that the network has and the checkpoint has not. */
  readonly missing: readonly string[];
  /** Names that the part has and the network has not. */
  readonly unexpected: readonly string[];
  /** Names that both have, with other shapes. */
  readonly misshapen: readonly Misshapen[];
  /** Options of the network that no tensor shows, and that the part must have otherwise. */
  readonly differing: readonly { readonly option: string; readonly found: Trait; readonly expected: Trait }[];
  /** What of the part no network here can do. */
  readonly refusals: readonly string[];
  /** From 0 (it fits) to 1 (nothing in common). */
  readonly distance: number;
}

/** How well each part fits the network. */
export function fitsOf(module: Network, parts: readonly Part[], checkpoint: StateDict): Fit[] {
  const network = namesOf(module);
  const traits = isUnshown(module) ? module.traits : {};
  return parts.map((part) => compare(network, traits, part, checkpoint));
}

/** The part that fits the network best; of equal ones the first. */
export function bestFit(module: Network, parts: readonly Part[], checkpoint: StateDict): Fit {
  return fitsOf(module, parts, checkpoint).reduce((best, fit) => (fit.distance < best.distance ? fit : best));
}

/** The fit by which to tell what is wrong: of a large part that shares a name with the network, else of the whole checkpoint. */
export function worthTelling(module: Network, parts: readonly Part[], checkpoint: StateDict): Fit {
  const network = namesOf(module);
  const sharing = largeParts(parts, checkpoint).filter(({ tensors }) =>
    [...tensors.keys()].some((name) => network.expected.has(name)),
  );
  const whole = { name: '', tensors: checkpoint, attributes: new Map<string, unknown>() };
  return bestFit(module, sharing.length > 0 ? sharing : [whole], checkpoint);
}

export function isExact({ missing, unexpected, misshapen, differing, refusals }: Fit): boolean {
  return missing.length + unexpected.length + misshapen.length + differing.length + refusals.length === 0;
}

/** The state dict of a network that the part fits exactly. */
export function stateOf(module: Network, part: Part, checkpoint: StateDict): StateDict {
  const state = [...namesOf(module).expected.keys()].map((name) => [name, find(name, part, checkpoint)] as const);
  return new Map(state.flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : [])));
}

interface Names {
  readonly expected: ReadonlyMap<string, Shape>;
  /** Buffers that a checkpoint may lack. */
  readonly optional: ReadonlySet<string>;
}

function namesOf(module: Network): Names {
  const tensors = descendants(module).filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
  return {
    expected: new Map(tensors.map(([name, { shape }]) => [name, shape])),
    optional: new Set(tensors.filter(([, it]) => it instanceof Buffer && it.isOptional).map(([name]) => name)),
  };
}

function compare({ expected, optional }: Names, traits: Traits, part: Part, checkpoint: StateDict): Fit {
  const missing: string[] = [];
  const misshapen: Misshapen[] = [];
  for (const [name, shape] of expected) {
    const found = find(name, part, checkpoint)?.shape;
    if (!found) {
      if (!optional.has(name)) missing.push(name);
    } else if (!equal(found, shape)) misshapen.push({ name, found, expected: shape });
  }
  const unexpected = [...part.tensors.keys()].filter((name) => !expected.has(name));
  const said: Pick<ConvertedPart, 'traits' | 'refusals'> = isConverted(part) ? part : { traits: {}, refusals: [] };
  const differing = Object.entries(traits).flatMap(([option, expected]) => {
    const found = said.traits[option];
    return found === undefined || found === expected ? [] : [{ option, found, expected }];
  });
  const { refusals } = said;
  const strange = misshapen.reduce((sum, each) => sum + strangeness(each), 0);
  const wrong = missing.length + unexpected.length + strange + OTHER_OPTION * differing.length + refusals.length;
  const distance = wrong / (expected.size + part.tensors.size);
  return { part, missing, unexpected, misshapen, differing, refusals, distance };
}

function equal(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** The cost of a differing option, relative to that of a differing name. */
const OTHER_OPTION = 0.1;

/**
 * Of two shapes that differ, more for each axis. Less than of a name that only one side has: names tell how deep a network is, and when
 * that is right shapes tell how wide.
 */
function strangeness({ found, expected }: Misshapen): number {
  if (found.length !== expected.length) return 0.5;
  const differing = found.filter((length, axis) => length !== expected[axis]).length;
  return 0.1 + (0.2 * differing) / found.length;
}

/** A tensor of the part; one of the network itself, not of its layers, may also lie beside the part (StyleGAN2's `latent_avg` beside `g_ema`). */
function find(name: string, part: Part, checkpoint: StateDict) {
  const own = part.tensors.get(name);
  if (own || part.name === '' || name.includes('.')) return own;
  const words = part.name.split('.').slice(0, -1);
  const above = words.map((_, i) => `${words.slice(0, words.length - i).join('.')}.${name}`);
  return [...above, name].map((each) => checkpoint.get(each)).find((tensor) => tensor !== undefined);
}
