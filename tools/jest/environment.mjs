import { TestEnvironment } from 'jest-environment-node';
import { forgetContexts, noteContexts } from './async-contexts.mjs';
import { prepareCpu } from '../../packages/core/engine/cpu.mjs';
import { compileOnce } from './code-cache.mjs';

compileOnce();
noteContexts();
prepareCpu(); // what a test file sees of the environment is a copy, which TensorFlow does not read

const TYPED_ARRAYS = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  ArrayBuffer,
];

/**
 * Jest runs each test file in a realm of its own, while TensorFlow's addon makes typed arrays in the
 * main realm. Sharing the constructors keeps `instanceof Float32Array` true on both sides.
 */
export default class SharedTypedArraysEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const constructor of TYPED_ARRAYS) this.global[constructor.name] = constructor;
  }

  async teardown() {
    forgetContexts();
    await super.teardown();
  }
}
