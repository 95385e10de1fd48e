import { EagerStep, type Parameters, gradientOf } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import { firstModule, isFinite } from '../inference/first-module.ts';

/** A step and all that it assigns, by the names of a checkpoint: `optimizer.exp_avg_sq`, `ema`, `buffers`, else the weights. */
export interface Update<Arguments extends readonly Tensor[]> {
  readonly step: (...values: Arguments) => NamedTensorMap;
  readonly variables: ReadonlyMap<string, Variable<Rank.R1>>;
}

/** What of a step is not finite first, computed operation by operation; for people. The step changes nothing. */
export function firstNotFinite<Arguments extends readonly Tensor[]>(
  parameters: Parameters,
  loss: () => Scalar,
  { step, variables }: Update<Arguments>,
  ...values: Arguments
): string {
  const found = findNotFinite(parameters, loss);
  if (found !== undefined) return found;
  const after = afterUpdate(
    () => step(...values),
    () => [...variables].flatMap(([name, variable]) => notFinite(name, variable, parameters)),
  );
  return after === undefined ? NOT_AGAIN : `the loss and its gradient are finite, but ${after}`;
}

/** The parts of a step of several networks, in their order: where, whose numbers, and a loss of them. */
export type Look = readonly [where: string, parameters: Parameters, loss: () => Scalar];

/** A step of several networks on the values that it had, and all that it assigns: `generator`, `generator.optimizer.exp_avg_sq`. */
export interface JointUpdate {
  readonly run: () => NamedTensorMap;
  readonly variables: ReadonlyMap<string, Variable<Rank.R1>>;
  /** The networks by the names with which those of their variables begin. */
  readonly networks: ReadonlyMap<string, { readonly parameters: Parameters }>;
}

/** The same of the first part of a step in which something is not finite, else of what the step leaves. The step changes nothing. */
export function firstNotFiniteIn(looks: readonly Look[], { run, variables, networks }: JointUpdate): string {
  for (const [where, parameters, loss] of looks) {
    const found = findNotFinite(parameters, loss);
    if (found !== undefined) return `in ${where}, ${found}`;
  }
  const after = afterUpdate(run, () =>
    [...variables].flatMap(([name, variable]) => {
      const [role, ...rest] = name.split('.') as [string, ...string[]];
      const network = networks.get(role);
      if (!network) return isFinite(variable) ? [] : [`\`${name}\``];
      return notFinite(rest.join('.'), variable, network.parameters).map((what) => `${what} of the ${role}`);
    }),
  );
  return after === undefined ? NOT_AGAIN : `all losses and their gradients are finite, but ${after}`;
}

const NOT_AGAIN = 'the step has a number that is not finite, but not when it is computed operation by operation';

/** What `look` finds when the step has run, in words; undefined if nothing. All stays as it was. */
function afterUpdate(run: () => NamedTensorMap, look: () => string[]): string | undefined {
  let found: string[] = [];
  const step = new EagerStep(run, () => {
    found = look();
    return false; // so that nothing is kept
  });
  tf.tidy(() => step.run());
  return found.length === 0 ? undefined : `after the update ${found.join(' and ')} hold numbers that are not`;
}

/** What of a loss and its gradient is not finite first; undefined where all is. */
function findNotFinite(parameters: Parameters, loss: () => Scalar): string | undefined {
  return tf.tidy(() => {
    const { result, module } = firstModule(() => gradientOf(parameters, loss));
    if (module) return `\`${module.path || 'the network'}\` returns numbers that are not finite`;
    const { value, gradient } = result;
    if (!isFinite(value)) return `the loss is ${value.dataSync()[0]!}`;
    for (const [name, { values }] of parameters.stateDict(gradient)) {
      if (!values.every(Number.isFinite)) return `the gradient of \`${name}\` holds numbers that are not finite`;
    }
    return undefined;
  });
}

const KINDS: Readonly<Record<string, string>> = { ema: 'the average of the weights', buffers: "the network's buffers" };

/** For people, what holds such numbers, and of which parameter, if this variable does. */
function notFinite(name: string, variable: Variable<Rank.R1>, parameters: Parameters): string[] {
  if (isFinite(variable)) return [];
  const [kind, key] = name.split('.') as [string, string?];
  const what = key === undefined ? (KINDS[kind] ?? 'the weights') : `the optimizer's state (${key})`;
  if (kind === 'buffers' || variable.size !== parameters.count) return [what];
  const [parameter] = [...parameters.stateDict(variable)].find(([, { values }]) => !values.every(Number.isFinite))!;
  return [`${what} of \`${parameter}\``];
}
