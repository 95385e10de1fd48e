import type { Optimizer } from '@dualprior/blocks';
import type { StateDict } from '@dualprior/core';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../../networks/trained-network.ts';

/** A network that learns, and what becomes of its numbers. */
export interface Learner {
  readonly network: TrainedNetwork;
  readonly optimizer: Optimizer;
  /** Name of the curve of its learning rate; it has none if absent. */
  readonly rate?: string;
  /** Of its exponential moving average, the part that an iteration (from 0) keeps. Absent: it has no average. */
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
