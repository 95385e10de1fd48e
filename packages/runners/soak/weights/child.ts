import { moduleTensors, readCheckpoint, UserError } from '@dualprior/core';
import { loadWeights } from '../../networks/weights/load-weights.ts';
import { answerFiles } from '../files/answer-files.ts';
import { createNetwork, SPEC } from './network.ts';

/** Elements of a tensor that is read; the others may be as large as the file says. */
const MOST_VALUES = 2 ** 20;

answerFiles((file) => {
  const { root, tensors } = readCheckpoint(file);
  for (const { shape, values } of smallOnes(tensors))
    if (values.length !== count(shape)) throw new Error('values lack');
  if (root instanceof Map) for (const value of root.values()) moduleTensors(value);
  try {
    loadWeights({ file }, createNetwork(), SPEC, createNetwork).verify();
    return 'loaded';
  } catch (error) {
    if (error instanceof UserError && error.message.includes(file)) return 'of something else';
    throw error;
  }
});

function* smallOnes(tensors: ReturnType<typeof readCheckpoint>['tensors']) {
  for (const tensor of tensors.values()) if (count(tensor.shape) <= MOST_VALUES) yield tensor;
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
