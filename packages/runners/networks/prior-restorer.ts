import { isPriorRestorer, isUnshown, type PriorRestorer } from '@dualprior/blocks';
import { UserError, type StateDict } from '@dualprior/core';
import type { TrainedGenerator } from './gan-networks.ts';
import { withRestore, type TrainedRestorer } from './restorer.ts';
import type { TrainedNetwork } from './trained-network.ts';

export type TrainedPriorRestorer = TrainedRestorer<PriorRestorer>;

/** Errors: the network is not one that restores images around a generator. */
export function asPriorRestorer(network: TrainedNetwork): TrainedPriorRestorer {
  if (isPriorRestorer(network.module)) return withRestore(network as TrainedNetwork<PriorRestorer>);
  throw new UserError(
    `The network "${network.reference}" is not built around a generator (as gfpgan is), so it cannot stand here.`,
  );
}

/** Errors: the network is not of this type. */
export function asTyped<T extends PriorRestorer>(
  network: TrainedNetwork,
  type: string,
  create: new (...options: never[]) => T,
): TrainedNetwork<T> {
  if (network.module instanceof create) return network as TrainedNetwork<T>;
  throw new UserError(`The network "${network.reference}" is no \`${type}\`, and this stage trains nothing else.`);
}

/** Errors: the generator's tensors do not fit those of the restorer that begin as its own, or it makes images of another size. */
export function checkPrior(restorer: TrainedPriorRestorer, prior: TrainedGenerator): void {
  const [ours, theirs] = [restorer.module.size, prior.module.size];
  if (ours !== theirs) {
    throw new UserError(
      `"${restorer.reference}" takes images of ${ours}x${ours}, but its prior "${prior.reference}" makes ${theirs}x${theirs}. Give both one \`size\`.`,
    );
  }
  const own = shapesOf(restorer);
  const { state } = restorer.module.fromPrior(shapesOf(prior));
  const problems = [...state].flatMap(([name, { shape }]) => {
    const expected = own.get(name)?.shape;
    if (expected?.join() === shape.join()) return [];
    return [`${name}: ${expected ? `(${expected.join(', ')})` : 'none'}, but (${shape.join(', ')}) from the prior`];
  });
  if (problems.length === 0) return;
  throw new UserError(
    `"${restorer.reference}" cannot begin with the prior "${prior.reference}", as they differ in ${problems.length} tensors:\n` +
      problems.map((problem) => `  ${problem}`).join('\n') +
      '\n  Give both the same `channels` (or `channelMultiplier`, `maxChannels`), `styleWidth` and `mappingLayers`.',
  );
}

/** Gives the restorer what it begins with of the generator. Returns what was done, for display. */
export function beginWithPrior(restorer: TrainedPriorRestorer, prior: TrainedGenerator): string {
  const { module, parameters } = restorer;
  const generator = prior.parameters.stateDict();
  const { state, unused } = module.fromPrior(generator);
  const own = parameters.stateDict();
  parameters.load(new Map([...own, ...state]));
  const clamp = isUnshown(prior.module) ? prior.module.traits['convClamp'] : null;
  return (
    `${state.size} of ${restorer.reference}'s ${own.size} tensors are initialised from the prior "${prior.reference}"; ` +
    `${unused.length} of the prior's ${generator.size} tensors are unused` +
    (typeof clamp === 'number' ? `; its layers are not clamped to ±${clamp}, as the prior's are` : '')
  );
}

/** All tensors of a network by name, with their shapes and no numbers. */
function shapesOf({ module }: TrainedNetwork): StateDict {
  const all = [...module.parameters(), ...module.buffers()];
  return new Map(all.map(([name, { shape }]) => [name, { shape, values: new Float32Array() }]));
}
