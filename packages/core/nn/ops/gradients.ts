import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

/**
 * Derivatives that TensorFlow.js lacks and that second derivatives need. Importing this file registers them, once a process.
 * (One that TensorFlow.js has cannot be replaced in this way: loading a backend registers its own again.)
 */

const COMPARISONS = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr'];

// A comparison is constant wherever it has a derivative.
for (const kernelName of COMPARISONS) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      return { a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) };
    },
  });
}

interface Kernels {
  readonly forward: string;
  readonly input: string;
  readonly filter: string;
}

const CONVOLUTION: Kernels = { forward: 'Conv2D', input: 'Conv2DBackpropInput', filter: 'Conv2DBackpropFilter' };

const DEPTHWISE: Kernels = {
  forward: 'DepthwiseConv2dNative',
  input: 'DepthwiseConv2dNativeBackpropInput',
  filter: 'DepthwiseConv2dNativeBackpropFilter',
};

/** dw = filter(x, dy) is linear in x and in dy: its derivatives are the other two kernels of the same convolution. */
function registerFilterGradient(kernels: Kernels): void {
  tf.registerGradient({
    kernelName: kernels.filter,
    inputsToSave: ['x', 'dy'],
    gradFunc: (ddw, saved, attributes) => {
      const [x, dy] = saved as [Tensor, Tensor];
      const filter = ddw as Tensor;
      return {
        x: () => run(kernels.input, { dy, filter }, { ...attributes, inputShape: x.shape }),
        dy: () => run(kernels.forward, { x, filter }, { ...attributes }),
      };
    },
  });
}

/** dx = input(dy, w), in the same way. */
function registerInputGradient(kernels: Kernels): void {
  tf.registerGradient({
    kernelName: kernels.input,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, saved, attributes) => {
      const [dy, filter] = saved as [Tensor, Tensor];
      const x = ddx as Tensor;
      return {
        dy: () => run(kernels.forward, { x, filter }, { ...attributes }),
        filter: () => run(kernels.filter, { x, dy }, { ...attributes, filterShape: filter.shape }),
      };
    },
  });
}

function run(kernel: string, inputs: NamedTensorMap, attributes: NamedAttrMap): Tensor {
  return tf.engine().runKernel<Tensor>(kernel, inputs, { dilations: [1, 1], ...attributes });
}

registerFilterGradient(CONVOLUTION);
registerFilterGradient(DEPTHWISE);
registerInputGradient(DEPTHWISE);
