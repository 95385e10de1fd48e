import { fromPublicLayout, type Part } from '@dualprior/blocks';
import type { StateDict } from '@dualprior/core';

/** All that a weights file holds. */
export interface Contents extends Omit<Part, 'name'> {
  /** Element types of the tensors in the file, by safetensors' names. */
  readonly dtypes: ReadonlyMap<string, string>;
  /** What a safetensors file says beside its tensors. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Official averages of a generator or a restorer, which are what its authors publish. */
const AVERAGE = /(^|[._-])(ema|smooth|avg|average)([._-]|$)/i;
const DEEPEST = 3;
/** A part with less than this share of a checkpoint's tensors is no network. */
const LEAST = 0.02;
/** One with less than this may fit a network, but is not described where it does not. */
const LEAST_LARGE = 0.1;

export function isAverage(name: string): boolean {
  return AVERAGE.test(name);
}

/**
 * The parts of a checkpoint that might be networks, best first: averages (`params_ema`, `g_ema`, `generator_smooth`, `network.ema`), then
 * in their order in the file. Official checkpoints hold a network below `params`, `state_dict`, `g`, `module`, ... or as it is. One that is in
 * a public layout comes in ours as well.
 *
 * @param within only what lies there
 */
export function partsOf(checkpoint: Omit<Part, 'name'>, within?: string): Part[] {
  const inside = (name: string) => within === undefined || name === within || name.startsWith(`${within}.`);
  const names = namesOfParts(checkpoint.tensors, within === undefined ? LEAST : 0).filter(inside);
  const parts = [...new Set(within === undefined ? names : [within, ...names])]
    .map((name) => partNamed(checkpoint, name))
    .filter(({ tensors }) => tensors.size > 0);
  const rank = ({ name }: Part) => (isAverage(name) ? 0 : 1);
  return parts.sort((a, b) => rank(a) - rank(b)).flatMap((part) => [...inOurLayout(part), part]);
}

/** The parts that hold so many of a checkpoint's tensors that they are worth a word. */
export function largeParts(parts: readonly Part[], checkpoint: StateDict): Part[] {
  return parts.filter(({ tensors }) => tensors.size >= LEAST_LARGE * checkpoint.size);
}

function inOurLayout(part: Part): Part[] {
  const converted = fromPublicLayout(part);
  return converted ? [converted] : [];
}

/** @param least share of the tensors that a part must have */
export function namesOfParts(tensors: StateDict, least = LEAST): string[] {
  const prefixes = new Map<string, number>([['', tensors.size]]);
  for (const name of tensors.keys()) {
    const words = name.split('.').slice(0, -1);
    for (let depth = 1; depth <= Math.min(DEEPEST, words.length) && !/^\d+$/.test(words[depth - 1]!); depth++) {
      const prefix = words.slice(0, depth).join('.');
      prefixes.set(prefix, (prefixes.get(prefix) ?? 0) + 1);
    }
  }
  return [...prefixes].filter(([, count]) => count >= least * tensors.size).map(([prefix]) => prefix);
}

function partNamed({ tensors, attributes }: Omit<Part, 'name'>, name: string): Part {
  return { name, tensors: below(tensors, name), attributes: below(attributes, name) };
}

function below<T>(all: ReadonlyMap<string, T>, prefix: string): Map<string, T> {
  if (prefix === '') return new Map(all);
  const own = [...all].filter(([name]) => name.startsWith(`${prefix}.`));
  return new Map(own.map(([name, value]) => [name.slice(prefix.length + 1), value]));
}
