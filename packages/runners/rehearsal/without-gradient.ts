import { isEncoder, isGenerator, type Encoder, type Generator, type Network } from '@dualprior/blocks';
import type { Parameters } from '@dualprior/core';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import type { Stage } from '../stages/stage.ts';

/** Parameters of one network on which no loss of its stage depends. */
export interface WithoutGradient {
  readonly reference: string;
  readonly count: number;
  /** Their names; of modules that have no other ones `MODULE.*`. */
  readonly names: readonly string[];
  /** Why that must be so; absent where nothing says so. */
  readonly reason?: string;
}

/** @param missing of each network that was differentiated, the places in its vector without a gradient */
export function withoutGradient(
  stage: Stage,
  missing: ReadonlyMap<Parameters, ReadonlySet<number>>,
): WithoutGradient[] {
  const trained = [...stage.trains.values()];
  return trained.flatMap((network) => {
    const { reference, parameters } = network;
    const all = parameters.names;
    const places = missing.get(parameters);
    const lacking = all.filter((_, place) => !places || places.has(place));
    const expected = new Map([...expectedOf(network, trained), ...unusedMapping(network.module)]);
    const reasons = [...new Set(lacking.map((name) => expected.get(name)))];
    return reasons.map((reason): WithoutGradient => {
      const names = lacking.filter((name) => expected.get(name) === reason);
      return { reference, count: names.length, names: byModule(names, all), ...(reason !== undefined && { reason }) };
    });
  });
}

/** Names that are all there are below a module as one, `MODULE.*`. */
export function byModule(names: readonly string[], all: readonly string[]): string[] {
  const chosen = new Set(names);
  const shortened = names.map((name) => {
    const parts = name.split('.');
    const modules = parts.slice(0, -1).map((_, depth) => `${parts.slice(0, depth + 1).join('.')}.`);
    const whole = modules.find((module) => all.every((other) => !other.startsWith(module) || chosen.has(other)));
    return whole === undefined ? name : `${whole}*`;
  });
  return [...new Set(shortened)];
}

/** A generator that an encoder trained with it drives maps no z, and does not run the layers that the encoder's feature stands for. */
function expectedOf({ module }: TrainedNetwork, trained: readonly TrainedNetwork[]): [name: string, reason: string][] {
  const encoder = trained.map((network) => network.module).find(isEncoder);
  if (!encoder || !isGenerator(module)) return [];
  return [...module.parameters().keys()].flatMap((name): [string, string][] => {
    if (name.startsWith('style.')) return [[name, 'w comes from the encoder, not from z']];
    return isReplaced(name, module, encoder) ? [[name, 'f of the encoder takes the place of what they make']] : [];
  });
}

/** GFP-GAN's decoder has a mapping network, as its prior has, but its U-Net makes w itself. */
function unusedMapping(module: Network): [name: string, reason: string][] {
  const mapping = [...module.parameters().keys()].filter((name) => name.startsWith('stylegan_decoder.style_mlp.'));
  return mapping.map((name) => [name, 'w comes from the U-Net, not from a mapping network']);
}

/** Whether a parameter is of a StyleGAN2 layer below the feature's entry: `convs` has two layers for each level but the first, `to_rgbs` one. */
function isReplaced(name: string, generator: Generator, { resolution }: Encoder): boolean {
  const level = generator.firstLatent(resolution) / 2;
  const [module, index] = name.split('.');
  if (module === 'input') return true;
  if (module === 'conv1' || module === 'to_rgb1') return level > 0;
  if (module === 'convs') return Number(index) <= 2 * level - 2;
  return module === 'to_rgbs' && Number(index) < level - 1;
}
