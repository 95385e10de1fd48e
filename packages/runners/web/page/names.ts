/** What TensorFlow.js computes with in a browser, the fastest first. */
export const BACKENDS = ['webgpu', 'webgl', 'wasm'] as const;

export type Backend = (typeof BACKENDS)[number];

/** For display. */
export const NAMES: Readonly<Record<Backend, string>> = { webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly' };
