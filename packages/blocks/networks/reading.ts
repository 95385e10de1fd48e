import type { StateDict } from '@dualprior/core/nn';

/** What the names and shapes of a state dict tell of a network. */
export interface Reading {
  /** The options that they tell. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Names of options that they do not tell, though the network computes something else with each value. */
  readonly untold: readonly string[];
}

/** Length of an axis of a tensor; undefined where there is no such tensor or axis. */
type Lengths = (name: string, axis: number) => number | undefined;

export function lengthsOf(state: StateDict): Lengths {
  return (name, axis) => state.get(name)?.shape[axis];
}

/** What there is for 0, 1, ... until there is nothing. */
export function listed<T>(at: (index: number) => T | undefined): T[] {
  const found: T[] = [];
  for (let next = at(0); next !== undefined; next = at(found.length)) found.push(next);
  return found;
}
