import type { DataId, DataType, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { GraphTensor, OpAttribute } from './graph.ts';

export type Values = Float32Array | Int32Array | Uint8Array;

/** tfjs-node's addon. */
export interface NodeBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_STRING: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): GraphTensor[];
  createTensor(shape: number[], dtype: number, values: Values): number;
  tensorDataSync(id: number): Values;
}

/** What tfjs-node's backend knows of a tensor: a native one, or values that are not handed to TensorFlow yet. */
interface TensorData {
  readonly shape: number[];
  readonly dtype: number;
  id: number;
  values: Values | null;
}

/** The parts of tfjs-node's backend that tracing replaces or asks. */
export interface NodeBackend {
  binding: NodeBinding;
  readonly tensorMap: { has(id: DataId): boolean; get(id: DataId): TensorData };
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  getDTypeInteger(dtype: DataType): number;
  createOutputTensor(metadata: GraphTensor): Tensor;
  move(id: DataId, values: Values, shape: number[], dtype: DataType, references: number): void;
  readSync(id: DataId): Values;
  read(id: DataId): Promise<Values>;
}
