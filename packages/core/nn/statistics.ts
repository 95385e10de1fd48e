import type { Tensor } from '@tensorflow/tfjs-core';
import { DynamicValue } from './dynamic-value.ts';
import type { Buffer, Parameter } from './parameter.ts';

const collected = new DynamicValue<Map<Parameter, Tensor> | undefined>(undefined);

/** New values of buffers that layers computed while training (running means, counts of batches). */
export type Statistics = ReadonlyMap<Parameter, Tensor>;

/** Runs `compute` as a part of training: layers that then behave otherwise (batch normalisation) do so and give new values of their buffers. */
export function collectStatistics<T>(compute: () => T): { result: T; statistics: Statistics } {
  const statistics = new Map<Parameter, Tensor>();
  return { result: collected.during(statistics, compute), statistics };
}

/** Whether a layer is called in training. */
export function isTraining(): boolean {
  return collected.current !== undefined;
}

/** Gives a buffer the value that it is to have after the step. */
export function recordStatistic<T extends Tensor>(buffer: Buffer<T>, value: T): void {
  collected.current?.set(buffer, value);
}
