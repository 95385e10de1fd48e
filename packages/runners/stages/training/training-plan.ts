import { blurOnDevice, type Batch, type Loss, type Optimizer } from '@dualprior/blocks';
import type { Differentiated, StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import type { PeriodicValidation } from './training-loop.ts';

/**
 * What a stage trains, as data; `train` runs it. An iteration is a row of phases, each of which gives some of the networks a step, as in
 * stylegan2-ada-pytorch:training/training_loop.py.
 *
 * `Given`: all tensors that phases look at, by name. First come those of `inputs`, then what each phase adds.
 */
export interface TrainingPlan<Given extends NamedTensorMap> {
  /** Those that learn, by role: the name of the option that refers to them. */
  readonly networks: Readonly<Record<string, Learner>>;
  /** In the order in which they have their turn. */
  readonly phases: readonly Phase<Given>[];
  /** The losses that are made ready before the training and freed after it. */
  readonly losses: readonly Loss[];
  /** What an iteration (from 0) begins with. The names and types are always the same. */
  inputs(batch: Batch, iteration: number): NamedTensorMap;
  /** Further curves, which follow from the iteration. */
  counts?(iteration: number): Readonly<Record<string, number>>;
  /** What looks at the networks now and then; undefined ones are left out. */
  validations(networks: Learned, runtime: { readonly compile: boolean }): readonly (Watch | undefined)[];
}

/** A network that learns, and how its values change. */
export interface Learner {
  readonly network: TrainedNetwork;
  readonly optimizer: Optimizer;
  /** The factor of the learning rate of a parameter, by its name. Absent: 1 for all. For optimizers whose steps are proportional to the rate (Adam's). */
  readonly rates?: ((parameter: string) => number) | undefined;
  /** Name of the curve of its learning rate; it has none if absent. */
  readonly rate?: string;
  /** The decay of its exponential moving average at an iteration (from 0). Absent: it has no average. */
  readonly average?: ((iteration: number) => number) | undefined;
  /** Whether it has running statistics, which its steps move on and its state holds. */
  readonly statistics?: boolean;
  /** Name of its numbers in the state; by default its role. */
  readonly savedAs?: string;
  /** What it is in messages; by default `the ROLE`. */
  readonly label?: string;
  /** What is written of it, with its numbers or those of its average; by default its state dict. */
  result?(numbers: Tensor1D): StateDict;
}

/** One step of some of the networks. */
export interface Phase<Given extends NamedTensorMap> {
  /** For display, e.g. `R1`. */
  readonly name: string;
  /** The roles of the networks that take the step. */
  readonly trains: readonly string[];
  /** Iterations between its turns, the first of which is at 0; 1 if absent. */
  readonly every?: number;
  /** Whether its loss is added to that of the phase before it, so that both are one step. */
  readonly joins?: boolean;
  /** Name of the curve of its loss; it has none if absent. */
  readonly curve?: string;
  /** What of `seen` is kept from turn to turn: scalars, which begin at 0 and are given by these names. */
  readonly keeps?: readonly string[];
  /** Tensors that it looks at and that do not learn from it. Here networks have no numbers but by `Parameters.use`. */
  given?(given: Given): NamedTensorMap;
  /**
   * What it minimises. Here all networks of the plan have their numbers. What it has `seen` is given to the phases after it; scalars
   * become curves, too.
   */
  loss(given: Given): Differentiated<NamedTensorMap>;
}

/** The networks of a plan in training, by role: their numbers, those of the average where there is one. */
type Learned = Readonly<Record<string, { readonly numbers: Tensor1D }>>;

type Watch = PeriodicValidation & { dispose?(): void };

/** Degraded and sharp images, NHWC in [0, 1]. */
export type Pair = { readonly degraded: Tensor4D; readonly sharp: Tensor4D };

export function pairOf({ degraded, blurs, sharp, shape }: Batch): Pair {
  return {
    degraded: blurs ? (tf.stack(blurs.map(blurOnDevice)) as Tensor4D) : tf.tensor4d(degraded, shape),
    sharp: tf.tensor4d(sharp, shape),
  };
}
