import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { ADAM } from '../nn/ops/adam.ts';
import { BIASED_DEPTHWISE, BIASED_DEPTHWISE_GRADIENT } from '../nn/ops/biased-depthwise.ts';
import { COLUMN_SUMS } from '../nn/ops/column-sums.ts';
import { FOLDED_SCALE_GRADIENT } from '../nn/ops/folded.ts';
import { FUSED_LEAKY_RELU, FUSED_LEAKY_RELU_GRADIENT } from '../nn/ops/fused-leaky-relu.ts';
import { ATTENDED_GATE_GRADIENT, GATE, GATE_GRADIENT } from '../nn/ops/gate.ts';
import { GRADIENT_NORM } from '../nn/ops/gradient-norm.ts';
import { LAYER_NORM, LAYER_NORM_GRADIENT } from '../nn/ops/layer-norm.ts';
import { MIX } from '../nn/ops/mix.ts';
import { MODULATE, MODULATE_GRADIENT, STYLE_GRADIENT } from '../nn/ops/modulate.ts';
import { RESIDUAL } from '../nn/ops/residual.ts';
import { UPFIRDN2D } from '../nn/ops/upfirdn2d.ts';
import type { OpAttribute } from './compile/graph.ts';

/** What tfjs-node's backend offers its kernels. */
interface NodeBackend {
  readonly binding: { readonly TF_ATTR_INT: number; readonly TF_ATTR_FLOAT: number };
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: TensorInfo[], count: number): TensorInfo[];
}

/** An operation of `native/operations`. */
interface Operation {
  readonly name: string;
  /** Names of the inputs, in TensorFlow's order; one list of tensors may follow, which are the other inputs. */
  readonly inputs: readonly string[];
  readonly list: boolean;
  readonly outputs: number;
  /** Which attributes are integers or lists of them; the others are floats. */
  readonly integers?: readonly string[];
}

const OPERATIONS: readonly Operation[] = [
  { name: GRADIENT_NORM, inputs: [], list: true, outputs: 1 },
  {
    name: ADAM,
    inputs: ['weights', 'mean', 'meanSquare', 'scale', 'kept', 'rate', 'deviation'],
    list: true,
    outputs: 3,
  },
  { name: MIX, inputs: ['a', 'b', 'part'], list: false, outputs: 1 },
  { name: LAYER_NORM, inputs: ['x', 'scale', 'shift'], list: false, outputs: 3 },
  {
    name: LAYER_NORM_GRADIENT,
    inputs: ['dy', 'x', 'mean', 'inverse', 'scale', 'residual'],
    list: false,
    outputs: 3,
  },
  { name: COLUMN_SUMS, inputs: ['x'], list: false, outputs: 1 },
  { name: RESIDUAL, inputs: ['x', 'y', 'bias'], list: false, outputs: 1 },
  { name: GATE, inputs: ['x', 'bias'], list: false, outputs: 1 },
  { name: GATE_GRADIENT, inputs: ['dy', 'x', 'bias'], list: false, outputs: 2 },
  { name: ATTENDED_GATE_GRADIENT, inputs: ['dy', 'attention', 'offset', 'x', 'bias'], list: false, outputs: 2 },
  { name: BIASED_DEPTHWISE, inputs: ['x', 'bias', 'weight'], list: false, outputs: 1 },
  { name: BIASED_DEPTHWISE_GRADIENT, inputs: ['dy', 'x', 'bias', 'weight'], list: false, outputs: 3 },
  { name: FOLDED_SCALE_GRADIENT, inputs: ['product', 'weight', 'scale'], list: false, outputs: 2 },
  {
    name: UPFIRDN2D,
    inputs: ['x', 'kernel'],
    list: false,
    outputs: 1,
    integers: ['up', 'down', 'before', 'size', 'flip'],
  },
  { name: FUSED_LEAKY_RELU, inputs: ['x', 'bias'], list: false, outputs: 1 },
  { name: FUSED_LEAKY_RELU_GRADIENT, inputs: ['dy', 'y'], list: false, outputs: 2 },
  { name: MODULATE, inputs: ['x', 'style'], list: false, outputs: 1 },
  { name: MODULATE_GRADIENT, inputs: ['dy', 'x', 'style'], list: false, outputs: 2 },
  { name: STYLE_GRADIENT, inputs: ['dy', 'x'], list: false, outputs: 1 },
];

/** Makes our own operations kernels of tfjs. They are for a CPU. */
export function registerOwnOperations(backendName: string): void {
  for (const operation of OPERATIONS) tf.registerKernel(kernel(operation, backendName));
}

function kernel({ name, inputs: names, list, outputs, integers = [] }: Operation, backendName: string): KernelConfig {
  return {
    kernelName: name,
    backendName,
    kernelFunc: ({ inputs, attrs, backend: any }) => {
      const backend = any as NodeBackend;
      const { TF_ATTR_INT, TF_ATTR_FLOAT } = backend.binding;
      const rest = Object.keys(inputs).filter((key) => !names.includes(key));
      const ordered = [...names, ...rest].map((key) => inputs[key] as TensorInfo);
      const attributes: OpAttribute[] = Object.entries((attrs ?? {}) as NamedAttrMap).map(([key, value]) => {
        return { name: key, type: integers.includes(key) ? TF_ATTR_INT : TF_ATTR_FLOAT, value };
      });
      if (list) attributes.push({ name: 'N', type: TF_ATTR_INT, value: rest.length });
      const made = backend.executeMultipleOutputs(name, attributes, ordered, outputs);
      return outputs === 1 ? made[0]! : made;
    },
  };
}
