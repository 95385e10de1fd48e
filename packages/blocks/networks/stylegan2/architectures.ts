import type { StateDict } from '@dualprior/core/nn';
import { SMALLEST } from './channels.ts';

/** Options of the generator whose state dict this is, the plainest first; none where it is no generator's. */
export function generatorsOf(state: StateDict): object[] {
  const lengths = (name: string) => state.get(name)?.shape;
  const lowest = lengths('input.input')?.[1];
  const styleWidth = lengths('style.1.weight')?.[1];
  if (lowest === undefined || styleWidth === undefined) return [];
  const higher = listed((level) => lengths(`convs.${2 * level + 1}.conv.weight`)?.[1]);
  const mappingLayers = listed((layer) => lengths(`style.${layer + 1}.weight`)).length;
  return withChannels([lowest, ...higher], { styleWidth, mappingLayers });
}

/** The same of the discriminator. */
export function discriminatorsOf(state: StateDict): object[] {
  const lengths = (name: string) => state.get(name)?.shape;
  const lowest = lengths('final_linear.1.weight')?.[1];
  if (lowest === undefined) return [];
  const descending = listed((block) => lengths(`convs.${block + 1}.conv1.0.weight`)?.[0]);
  const plain = state.has('from_rgbs.0.0.weight') ? 'skip' : 'orig';
  const architecture = state.has('convs.1.skip.1.weight') ? {} : { architecture: plain };
  return withChannels([lowest, ...descending.reverse()], architecture);
}

/** @param ascending channels from the lowest resolution up */
function withChannels(ascending: readonly number[], others: object): object[] {
  const channels = Object.fromEntries(ascending.map((width, level) => [SMALLEST * 2 ** level, width]));
  const plain = { size: SMALLEST * 2 ** (ascending.length - 1), ...others };
  return [plain, { ...plain, channels }];
}

/** What there is for 0, 1, ... until there is nothing. */
function listed<T>(at: (index: number) => T | undefined): T[] {
  const found: T[] = [];
  for (let next = at(0); next !== undefined; next = at(found.length)) found.push(next);
  return found;
}
