import { isConverted, isRecognising, isUnshown, type Network, type Part } from '@dualprior/blocks';
import { catalogue, type SpecWithOptions, type StateDict } from '@dualprior/core';
import { bestFit, isExact, type Fit } from './fit.ts';
import { largeParts } from './parts.ts';
import { neighbours, startOf, type Clues } from './neighbours.ts';

/** A network that weights fit better than the one that they were given to. */
export interface NearArchitecture {
  readonly spec: SpecWithOptions;
  readonly fit: Fit;
}

export type Create = (spec: SpecWithOptions) => Network;

/** Networks further away than this have nothing in common but a few names. */
const NEAR = 0.5;
const MOST_TRIALS = 1500;
const MOST_SECONDS = 20;

/**
 * The network of the catalogue that weights fit, or come nearest to: of the given type, if any, before any other, with the options that it reads off
 * the shapes, or changed one after the other to what fits better (construction of a network makes no tensors, so that each trial is cheap).
 * Undefined: nothing is near.
 */
export function nearestArchitecture(
  given: SpecWithOptions | undefined,
  create: Create,
  parts: readonly Part[],
  checkpoint: StateDict,
): NearArchitecture | undefined {
  const clues = cluesOf(checkpoint);
  const large = largeParts(parts, checkpoint);
  const search = new Search(create, large, checkpoint);
  const own = given ? [given, ...readOff(given, large, create)].flatMap((spec) => search.trial(spec)) : [];
  const exact = own.find(({ fit }) => isExact(fit));
  if (exact) return exact;
  const others = catalogue
    .components('network')
    .filter(({ declaration }) => declaration.type !== given?.type)
    .flatMap(({ declaration }) => startOf(declaration, clues))
    .flatMap((start) => [start, ...readOff(start, large, create)]);
  const ranked = [...own, ...others.flatMap((spec) => search.trial(spec))]
    .sort((a, b) => a.fit.distance - b.fit.distance)
    .filter(({ fit }) => fit.distance < 1);
  let best: NearArchitecture | undefined;
  for (const start of ranked) {
    const found = search.climb(start, clues);
    if (!best || found.fit.distance < best.fit.distance) best = found;
    if (isExact(best.fit)) break;
  }
  return best && best.fit.distance < NEAR ? best : undefined;
}

/** The component with the options that its class reads off the parts of a checkpoint, if it can. */
function readOff(spec: SpecWithOptions, parts: readonly Part[], make: Create): SpecWithOptions[] {
  const { create } = catalogue.find('network', spec.type)!;
  if (!isRecognising(create)) return [];
  return parts.flatMap((part) => [
    withTraits(spec, part, make),
    ...create.recognise(part.tensors).map(({ options }) => withTraits({ ...spec, ...options }, part, make)),
  ]);
}

/** The component with those options changed that the part says must be otherwise. */
function withTraits(spec: SpecWithOptions, part: Part, create: Create): SpecWithOptions {
  if (!isConverted(part) || part.network !== spec.type) return spec;
  try {
    const module = create(spec);
    const own = isUnshown(module) ? module.traits : {};
    const changed = Object.entries(part.traits).filter(([name, value]) => name in own && own[name] !== value);
    return { ...spec, ...Object.fromEntries(changed) };
  } catch {
    return spec; // the trial says that it cannot be made
  }
}

class Search {
  readonly #deadline = performance.now() + MOST_SECONDS * 1000;
  #trials = 0;

  constructor(
    readonly create: Create,
    readonly parts: readonly Part[],
    readonly checkpoint: StateDict,
  ) {}

  /** One or, where the network cannot be made so, none. */
  trial(spec: SpecWithOptions): NearArchitecture[] {
    this.#trials++;
    try {
      return [{ spec, fit: bestFit(this.create(spec), this.parts, this.checkpoint) }];
    } catch {
      return [];
    }
  }

  /** Changes what makes the fit better until nothing does. */
  climb(start: NearArchitecture, clues: Clues): NearArchitecture {
    let best = start;
    for (let before: NearArchitecture | undefined; before !== best && !isExact(best.fit) && !this.#isOver;) {
      before = best;
      for (const spec of neighbours(before.spec, clues)) {
        if (this.#isOver) break;
        const [found] = this.trial(spec);
        if (found && found.fit.distance < best.fit.distance) best = found;
      }
    }
    return best;
  }

  get #isOver(): boolean {
    return this.#trials >= MOST_TRIALS || performance.now() > this.#deadline;
  }
}

/** The numbers that an option of the network may have been: lengths of axes, and counts of items in a list. */
function cluesOf(checkpoint: StateDict): Clues {
  const lists = new Map<string, Set<string>>();
  for (const name of checkpoint.keys()) {
    const words = name.split('.');
    words.forEach((word, i) => {
      if (!/^\d+$/.test(word)) return;
      const list = words.slice(0, i).join('.');
      lists.set(list, (lists.get(list) ?? new Set()).add(word));
    });
  }
  const lengths = [...checkpoint.values()].flatMap(({ shape }) => shape).filter((length) => length <= 4096);
  return { lengths: sorted(lengths), counts: sorted([0, 1, 2, 3, 4, ...[...lists.values()].map(({ size }) => size)]) };
}

function sorted(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
