import { halvedTo, type Ema, type Loss, type Optimizer, type Restorer } from '@dualprior/blocks';
import { gradientsOf, type Differentiated, type Parameters } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { checked } from './finite-guard.ts';
import { namedTerms } from './loss-terms.ts';

/** What a training step of a restorer computes with and changes. */
export interface RegressionStep {
  readonly module: Restorer;
  readonly parameters: Parameters;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly optimizerState: Map<string, Variable<Rank.R1>>;
  readonly ema?: Ema | undefined;
}

/** The loss, summed over the network's outputs (smaller ones against a smaller target), and so each of its terms. */
export function restorationLoss(
  { module, loss }: Pick<RegressionStep, 'module' | 'loss'>,
  degraded: Tensor4D,
  sharp: Tensor4D,
): Differentiated<NamedTensorMap> {
  const { image, auxiliary } = module.restore(degraded);
  const outputs = [...auxiliary, image].map((output) => namedTerms(loss, output, halvedTo(sharp, output.shape[1])));
  return { loss: tf.addN(outputs.map(({ loss }) => loss)), seen: sumByName(outputs.map(({ seen }) => seen)) };
}

/** All that the step assigns, by the names of a checkpoint. */
export function stepVariables({ parameters, optimizerState, ema }: RegressionStep): Map<string, Variable<Rank.R1>> {
  const variables = new Map<string, Variable<Rank.R1>>([['parameters', parameters.vector]]);
  for (const [name, variable] of optimizerState) variables.set(`optimizer.${name}`, variable);
  if (ema) variables.set('ema', ema.average);
  if (parameters.buffers.size > 0) variables.set('buffers', parameters.buffers);
  return variables;
}

/** One training step, to be compiled or run eagerly: takes degraded and sharp images and the learning rate, returns the loss and its terms. */
export function regressionStep(
  all: RegressionStep,
): (degraded: Tensor4D, sharp: Tensor4D, learningRate: Scalar) => NamedTensorMap {
  const { parameters, optimizer, optimizerState, ema } = all;
  return (degraded, sharp, learningRate) => {
    const { loss, gradients, seen } = gradientsOf([parameters], () => {
      const { result, buffers } = parameters.train(() => restorationLoss(all, degraded, sharp));
      return { loss: result.loss, seen: { ...result.seen, buffers } };
    });
    const { buffers, ...terms } = seen;
    optimizer.update(parameters.vector, gradients[0]!, optimizerState, learningRate);
    parameters.buffers.assign(buffers);
    ema?.update(parameters.vector);
    const others = [...optimizer.witnesses(optimizerState), learningRate, parameters.buffers];
    return { loss: checked(loss, others), ...terms };
  };
}

function sumByName(all: readonly NamedTensorMap[]): NamedTensorMap {
  const names = Object.keys(all[0]!);
  return Object.fromEntries(names.map((name) => [name, tf.addN(all.map((tensors) => tensors[name]!))]));
}
