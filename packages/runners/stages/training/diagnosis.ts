import { EagerStep } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import { firstModule, isFinite, type FoundModule } from '../../inference/first-module.ts';
import { describeModule } from '../../inference/not-finite-image.ts';
import type { Changed, NetworkInTraining } from './network-in-training.ts';
import type { PhasedStep } from './phased-step.ts';
import type { Phase } from './training-plan.ts';
import { learnersOf, updatesOf, type Update } from './update.ts';

/** What of an iteration is not finite first, computed operation by operation; for display. The iteration changes nothing. */
export function diagnosis<Given extends NamedTensorMap>(
  step: PhasedStep<Given>,
  due: readonly Phase<Given>[],
  inputs: NamedTensorMap,
): string {
  return tf.tidy(() => {
    const given = { ...inputs };
    for (const update of updatesOf(due)) {
      const found = inUpdate(step, update, given);
      if (found !== undefined) return found;
    }
    return afterIteration(step, due, inputs);
  });
}

function inUpdate<Given extends NamedTensorMap>(
  step: PhasedStep<Given>,
  update: Update<Given>,
  given: NamedTensorMap,
): string | undefined {
  const { result, module } = firstModule(() => step.differentiate(update, given));
  if (module) return `${placeOf(module, Object.values(step.networks))} returns numbers that are not finite`;
  const { loss, gradients } = result;
  const many = Object.keys(step.networks).length > 1;
  const where = (place: string) => (many ? `in ${place}, ` : '');
  if (!isFinite(loss)) return `${where(update[0]!.name)}the loss is ${loss.dataSync()[0]!}`;
  for (const [i, network] of learnersOf(update, step.networks).entries()) {
    const place = gradients[i]!.findIndex((piece) => !isFinite(piece));
    const name = network.parameters.names[place];
    if (name !== undefined) {
      return `${where(network.label)}the gradient of \`${name}\` holds numbers that are not finite`;
    }
  }
  return undefined;
}

/** `` in the generator, `convs.0.conv` ``; without the network where only that one is trained. */
function placeOf(found: FoundModule, networks: readonly NetworkInTraining[]): string {
  const owner = networks.find(({ parameters }) => parameters.module === found.network);
  if (!owner) return describeModule(found);
  const path = `\`${found.path || 'the network'}\``;
  return networks.length > 1 ? `in ${owner.label}, ${path}` : path;
}

/** What the iteration leaves that is not finite. */
function afterIteration<Given extends NamedTensorMap>(
  step: PhasedStep<Given>,
  due: readonly Phase<Given>[],
  inputs: NamedTensorMap,
): string {
  const many = Object.keys(step.networks).length > 1;
  let found: string[] = [];
  const once = new EagerStep(
    () => step.run(due, inputs),
    () => {
      found = step.changed.filter(({ variable }) => !isFinite(variable)).map((each) => describe(each, many));
      return false; // so that nothing is kept
    },
  );
  tf.tidy(() => once.run());
  if (found.length === 0) {
    return 'the step has a number that is not finite, but not when it is computed operation by operation';
  }
  const before = many ? 'all losses and their gradients are finite' : 'the loss and its gradient are finite';
  return `${before}, but after the update ${found.join(' and ')} hold numbers that are not`;
}

/** What holds numbers that are not finite, of which parameter if one is meant, and of whom. */
function describe(
  { what, variable, network }: Changed & { readonly network?: NetworkInTraining },
  many: boolean,
): string {
  if (!network) return what;
  const { parameters } = network;
  const ofParameter = variable !== parameters.buffers && variable.size === parameters.count;
  const dict = ofParameter ? [...parameters.stateDict(variable)] : [];
  const bad = dict.find(([, { values }]) => !values.every(Number.isFinite));
  return [what, ...(bad ? [`of \`${bad[0]}\``] : []), ...(many ? [`of ${network.label}`] : [])].join(' ');
}
