import { Buffer, type Module, type StateDict } from '@dualprior/core';

type Shape = readonly number[];

/** A part of a checkpoint: the tensors below a name, which may be those of one network. */
export interface Part {
  /** `params_ema`, `generator.ema`; empty for the whole checkpoint. */
  readonly name: string;
  readonly tensors: StateDict;
}

/** How well a part of a checkpoint fits a network. */
export interface Fit {
  readonly part: Part;
  /** Names that the network has and the checkpoint has not. */
  readonly missing: readonly string[];
  /** Names that the part has and the network has not. */
  readonly unexpected: readonly string[];
  /** Names that both have, with other shapes. */
  readonly misshapen: readonly { readonly name: string; readonly found: Shape; readonly expected: Shape }[];
  /** From 0 (it fits) to 1 (nothing in common). */
  readonly distance: number;
}

/** Official averages of a generator or a restorer, which are what its authors publish. */
const AVERAGE = /(^|[._-])(ema|smooth|avg|average)([._-]|$)/i;
const DEEPEST = 3;
/** A part with less than this share of a checkpoint's tensors is no network. */
const LEAST = 0.02;
/** One with less than this may fit a network, but is not described where it does not. */
const LEAST_LARGE = 0.1;

/**
 * The parts of a checkpoint that might be networks, best first: averages (`params_ema`, `g_ema`, `generator_smooth`, `network.ema`), then
 * in their order in the file. Official checkpoints hold a network below `params`, `state_dict`, `g`, `module`, ... or as it is.
 */
export function partsOf(checkpoint: StateDict): Part[] {
  const names = [...checkpoint.keys()];
  const prefixes = new Map<string, number>([['', names.length]]);
  for (const name of names) {
    const words = name.split('.').slice(0, -1);
    for (let depth = 1; depth <= Math.min(DEEPEST, words.length) && !/^\d+$/.test(words[depth - 1]!); depth++) {
      const prefix = words.slice(0, depth).join('.');
      prefixes.set(prefix, (prefixes.get(prefix) ?? 0) + 1);
    }
  }
  const large = [...prefixes].filter(([, count]) => count >= LEAST * names.length).map(([prefix]) => prefix);
  const rank = (prefix: string) => (AVERAGE.test(prefix) ? 0 : 1);
  return large.sort((a, b) => rank(a) - rank(b)).map((name) => ({ name, tensors: below(checkpoint, name) }));
}

/** The parts that hold so many of a checkpoint's tensors that they are worth a word. */
export function largeParts(parts: readonly Part[], checkpoint: StateDict): Part[] {
  return parts.filter(({ tensors }) => tensors.size >= LEAST_LARGE * checkpoint.size);
}

/** The part that fits the network best; of equal ones the first. */
export function bestFit(module: Module, parts: readonly Part[], checkpoint: StateDict): Fit {
  const network = namesOf(module);
  const fits = parts.map((part) => compare(network, part, checkpoint));
  return fits.reduce((best, fit) => (fit.distance < best.distance ? fit : best));
}

/** The fit by which to tell what is wrong: of a large part that shares a name with the network, else of the whole checkpoint. */
export function worthTelling(module: Module, parts: readonly Part[], checkpoint: StateDict): Fit {
  const network = namesOf(module);
  const sharing = largeParts(parts, checkpoint).filter(({ tensors }) =>
    [...tensors.keys()].some((name) => network.expected.has(name)),
  );
  return bestFit(module, sharing.length > 0 ? sharing : [{ name: '', tensors: checkpoint }], checkpoint);
}

export function isExact({ missing, unexpected, misshapen }: Fit): boolean {
  return missing.length + unexpected.length + misshapen.length === 0;
}

/** The state dict of a network that the part fits exactly. */
export function stateOf(module: Module, part: Part, checkpoint: StateDict): StateDict {
  const state = [...namesOf(module).expected.keys()].map((name) => [name, find(name, part, checkpoint)] as const);
  return new Map(state.flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : [])));
}

interface Names {
  readonly expected: ReadonlyMap<string, Shape>;
  /** Buffers that a checkpoint may lack. */
  readonly optional: ReadonlySet<string>;
}

function namesOf(module: Module): Names {
  const all = [...module.parameters(), ...module.buffers()];
  return {
    expected: new Map(all.map(([name, { shape }]) => [name, shape])),
    optional: new Set(all.filter(([, it]) => it instanceof Buffer && it.isOptional).map(([name]) => name)),
  };
}

function compare({ expected, optional }: Names, part: Part, checkpoint: StateDict): Fit {
  const missing = [...expected.keys()].filter((name) => !optional.has(name) && !find(name, part, checkpoint));
  const unexpected = [...part.tensors.keys()].filter((name) => !expected.has(name));
  const misshapen = [...expected].flatMap(([name, shape]) => {
    const found = find(name, part, checkpoint)?.shape;
    return found && found.join() !== shape.join() ? [{ name, found, expected: shape }] : [];
  });
  const wrong = missing.length + unexpected.length + misshapen.reduce((sum, each) => sum + strangeness(each), 0);
  return { part, missing, unexpected, misshapen, distance: wrong / (expected.size + part.tensors.size) };
}

/**
 * Of two shapes that differ, more for each axis. Less than of a name that only one side has: names tell how deep a network is, and when
 * that is right shapes tell how wide.
 */
function strangeness({ found, expected }: { readonly found: Shape; readonly expected: Shape }): number {
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

function below(checkpoint: StateDict, prefix: string): StateDict {
  if (prefix === '') return checkpoint;
  const own = [...checkpoint].filter(([name]) => name.startsWith(`${prefix}.`));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}
