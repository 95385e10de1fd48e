import { expect, test } from '@jest/globals';
import { callSite } from './call-site.ts';

const stack = (...frames: string[]) => `Error: read\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;

/** Recorded: the same calls where tsx loads the code, as all commands do, and in Jest. */
const RECORDED: [string, string, { call: string | undefined; line: string }][] = [
  [
    'a read, tsx',
    stack(
      'NodeJSKernelBackend.readSync (/home/ada/packages/core/engine/compile/tracer.ts:73:15)',
      'Engine.Engine.readSync (/home/ada/tfjs-core/src/engine.ts:1221:25)',
      'Tensor.Tensor.dataSync (/home/ada/tfjs-core/src/tensor.ts:413:30)',
      'Tensor.Tensor.arraySync (/home/ada/tfjs-core/src/tensor.ts:340:33)',
      '<anonymous> (/home/ada/packages/blocks/layer.ts:4:37)',
      'Layer.forward (/home/ada/packages/blocks/layer.ts:23:11)',
    ),
    { call: 'arraySync', line: 'at /home/ada/packages/blocks/layer.ts:4:37' },
  ],
  [
    'a read, Jest',
    stack(
      'NodeJSKernelBackend.readSync (/home/ada/packages/core/engine/compile/tracer.ts:73:15)',
      'Engine.readSync (/home/ada/tfjs-core/src/engine.ts:1221:25)',
      'Tensor.dataSync (/home/ada/tfjs-core/src/tensor.ts:413:30)',
      'dataSync (/home/ada/packages/blocks/layer.ts:4:37)',
      'new Promise (<anonymous>)',
    ),
    { call: 'dataSync', line: 'at dataSync (/home/ada/packages/blocks/layer.ts:4:37)' },
  ],
  [
    'a kernel of the engine, tsx',
    stack(
      'NodeJSKernelBackend.executeSingleOutput (/home/ada/node_modules/@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js:216:43)',
      'Object.kernelFunc (/home/ada/packages/core/engine/native-kernels.ts:80:20)',
      'kernelFunc (/home/ada/tfjs-core/src/engine.ts:647:22)',
      '<anonymous> (/home/ada/tfjs-core/src/engine.ts:713:23)',
      'Engine.Engine.scopedRun (/home/ada/tfjs-core/src/engine.ts:480:19)',
      'matMul_ (/home/ada/tfjs-core/src/ops/mat_mul.ts:54:17)',
      'Module.matMul__op (/home/ada/tfjs-core/src/ops/operation.ts:51:28)',
      'Layer.c (/home/ada/packages/blocks/layer.ts:7:26)',
    ),
    { call: 'matMul', line: 'at Layer.c (/home/ada/packages/blocks/layer.ts:7:26)' },
  ],
  [
    'a kernel of the engine, Jest',
    stack(
      'Object.executeSingleOutput [as kernelFunc] (/home/ada/packages/core/engine/native-kernels.ts:80:20)',
      'Engine.runKernel (/home/ada/tfjs-core/src/engine.ts:554:17)',
      'matMul_ (/home/ada/tfjs-core/src/ops/mat_mul.ts:54:17)',
      'Object.matMul__op [as matMul] (/home/ada/tfjs-core/src/ops/operation.ts:51:28)',
      'Layer.c (/home/ada/packages/blocks/layer.ts:7:26)',
    ),
    { call: 'matMul', line: 'at Layer.c (/home/ada/packages/blocks/layer.ts:7:26)' },
  ],
  [
    'a method of a tensor',
    stack(
      'mul__op (/home/ada/node_modules/@tensorflow/tfjs/node_modules/@tensorflow/tfjs-core/dist/ops/operation.js:44:28)',
      'Tensor.getGlobalTensorClass.mul (/home/ada/node_modules/@tensorflow/tfjs/node_modules/@tensorflow/tfjs-core/dist/public/chained_ops/mul.js:21:12)',
      '<anonymous> (/home/ada/packages/blocks/layer.ts:6:34)',
    ),
    { call: 'mul', line: 'at /home/ada/packages/blocks/layer.ts:6:34' },
  ],
  [
    'a kernel called by its name, below what keeps paths and gradients',
    stack(
      'Engine.Engine.runKernel (/home/ada/tfjs-core/src/engine.ts:554:17)',
      'within (/home/ada/packages/core/nn/calls.ts:70:12)',
      'using (/home/ada/packages/core/nn/gradients-of.ts:58:86)',
      'train (/home/ada/packages/core/engine/compile/own.test.ts:6:1)',
    ),
    { call: undefined, line: 'at train (/home/ada/packages/core/engine/compile/own.test.ts:6:1)' },
  ],
];

test.each(RECORDED)('finds the line and the call: %s', (_, recorded, site) => {
  expect(callSite(recorded)).toEqual(site);
});

test('a stack without a line of ours has no place', () => {
  expect(callSite(stack('node:internal/process/task_queues:95:5'))).toEqual({ call: undefined, line: undefined });
  expect(callSite('')).toEqual({ call: undefined, line: undefined });
});
