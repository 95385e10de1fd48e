import { expect, test } from '@jest/globals';
import { callSite } from './call-site.ts';

const stack = (...frames: string[]) => `Error: read\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;

/** Recorded: the same calls where tsx loads the code, as all commands do, and in Jest. */
const RECORDED: [string, string, { call: string | undefined; line: string }][] = [
  [
    'a read, tsx',
    stack(
      'NodeJSKernelBackend.readSync (/work/packages/core/engine/compile/tracer.ts:73:15)',
      'Engine.Engine.readSync (/work/tfjs-core/src/engine.ts:1221:25)',
      'Tensor.Tensor.dataSync (/work/tfjs-core/src/tensor.ts:413:30)',
      'Tensor.Tensor.arraySync (/work/tfjs-core/src/tensor.ts:340:33)',
      '<anonymous> (/work/packages/blocks/layer.ts:4:37)',
      'Layer.forward (/work/packages/blocks/layer.ts:23:11)',
    ),
    { call: 'arraySync', line: 'at /work/packages/blocks/layer.ts:4:37' },
  ],
  [
    'a read, Jest',
    stack(
      'NodeJSKernelBackend.readSync (/work/packages/core/engine/compile/tracer.ts:73:15)',
      'Engine.readSync (/work/tfjs-core/src/engine.ts:1221:25)',
      'Tensor.dataSync (/work/tfjs-core/src/tensor.ts:413:30)',
      'dataSync (/work/packages/blocks/layer.ts:4:37)',
      'new Promise (<anonymous>)',
    ),
    { call: 'dataSync', line: 'at dataSync (/work/packages/blocks/layer.ts:4:37)' },
  ],
  [
    'a kernel of the engine, tsx',
    stack(
      'NodeJSKernelBackend.executeSingleOutput (/work/node_modules/@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js:216:43)',
      'Object.kernelFunc (/work/packages/core/engine/native-kernels.ts:80:20)',
      'kernelFunc (/work/tfjs-core/src/engine.ts:647:22)',
      '<anonymous> (/work/tfjs-core/src/engine.ts:713:23)',
      'Engine.Engine.scopedRun (/work/tfjs-core/src/engine.ts:480:19)',
      'matMul_ (/work/tfjs-core/src/ops/mat_mul.ts:54:17)',
      'Module.matMul__op (/work/tfjs-core/src/ops/operation.ts:51:28)',
      'Layer.c (/work/packages/blocks/layer.ts:7:26)',
    ),
    { call: 'matMul', line: 'at Layer.c (/work/packages/blocks/layer.ts:7:26)' },
  ],
  [
    'a kernel of the engine, Jest',
    stack(
      'Object.executeSingleOutput [as kernelFunc] (/work/packages/core/engine/native-kernels.ts:80:20)',
      'Engine.runKernel (/work/tfjs-core/src/engine.ts:554:17)',
      'matMul_ (/work/tfjs-core/src/ops/mat_mul.ts:54:17)',
      'Object.matMul__op [as matMul] (/work/tfjs-core/src/ops/operation.ts:51:28)',
      'Layer.c (/work/packages/blocks/layer.ts:7:26)',
    ),
    { call: 'matMul', line: 'at Layer.c (/work/packages/blocks/layer.ts:7:26)' },
  ],
  [
    'a method of a tensor',
    stack(
      'mul__op (/work/node_modules/@tensorflow/tfjs/node_modules/@tensorflow/tfjs-core/dist/ops/operation.js:44:28)',
      'Tensor.getGlobalTensorClass.mul (/work/node_modules/@tensorflow/tfjs/node_modules/@tensorflow/tfjs-core/dist/public/chained_ops/mul.js:21:12)',
      '<anonymous> (/work/packages/blocks/layer.ts:6:34)',
    ),
    { call: 'mul', line: 'at /work/packages/blocks/layer.ts:6:34' },
  ],
  [
    'a kernel called by its name, below what keeps paths and gradients',
    stack(
      'Engine.Engine.runKernel (/work/tfjs-core/src/engine.ts:554:17)',
      'within (/work/packages/core/nn/calls.ts:70:12)',
      'using (/work/packages/core/nn/gradients-of.ts:58:86)',
      'train (/work/packages/core/engine/compile/own.test.ts:6:1)',
    ),
    { call: undefined, line: 'at train (/work/packages/core/engine/compile/own.test.ts:6:1)' },
  ],
];

test.each(RECORDED)('finds the line and the call: %s', (_, recorded, site) => {
  expect(callSite(recorded)).toEqual(site);
});

test('a stack without a line of ours has no place', () => {
  expect(callSite(stack('node:internal/process/task_queues:95:5'))).toEqual({ call: undefined, line: undefined });
  expect(callSite('')).toEqual({ call: undefined, line: undefined });
});
