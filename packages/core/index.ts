export * from './component/catalogue.ts';
export * from './component/container.ts';
export * from './component/describe.ts';
export { jsonSchema } from './component/json-schema.ts';
export * from './component/kind.ts';
export { WORDS } from './component/schema.ts';
export * from './component/path-option.ts';
export * from './component/spec.ts';
export * from './component/weights-option.ts';
export { describeSchema, showValue } from './component/words.ts';
export { Experiment, type ExperimentConfig } from './config/experiment.ts';
export { loadExperiment, type LoadOptions } from './config/load.ts';
export { didYouMean, nearest } from './config/nearest.ts';
export { ConfigError, type Finding } from './config/problem.ts';
export { parseNetworkReference, type Reference } from './config/references.ts';
export { SECTIONS, type Section } from './config/schema.ts';
export * from './engine/cache.mjs';
export {
  CompiledStep,
  EagerStep,
  type Accept,
  type CompileOptions,
  type RunnableStep,
  type Step,
  type StepResults,
} from './engine/compile/compile.ts';
export * from './engine/engine.ts';
export { nativeTime, type OperationTime } from './engine/profile.ts';
export * from './errors/user-error.ts';
export * from './files/make-folder.ts';
export * from './files/system-reason.ts';
export * from './log/log.ts';
export { listeningToCalls, type CallListener } from './nn/calls.ts';
export * from './nn/gradients-of.ts';
export * from './nn/initializers.ts';
export * from './nn/layout.ts';
export * from './nn/module.ts';
export * from './nn/parameter.ts';
export * from './nn/parameters.ts';
export { repeated } from './nn/repeated.ts';
export * from './process/lock.ts';
export * from './process/running.mjs';
export * from './random/random.ts';
export * from './random/stream.ts';
export * from './journal/flatten.ts';
export * from './journal/journal.ts';
export * from './journal/journal-reader.ts';
export * from './journal/record.ts';
export * from './journal/source-tags.ts';
export * from './journal/tracker.ts';
export { contentHash } from './checkpoint/content-hash.ts';
export * from './checkpoint/npy.ts';
export * from './checkpoint/pth.ts';
export * from './checkpoint/safetensors.ts';
export * from './checkpoint/weights.ts';
export * from './nn/layers/batch-norm2d.ts';
export * from './nn/layers/conv-transpose2d.ts';
export * from './nn/layers/conv2d.ts';
export * from './nn/layers/blur.ts';
export * from './nn/layers/equal-conv2d.ts';
export * from './nn/layers/equal-linear.ts';
export * from './nn/layers/fused-leaky-relu.ts';
export * from './nn/layers/modulated-conv2d.ts';
export * from './nn/layers/instance-norm2d.ts';
export * from './nn/layers/layer-norm2d.ts';
export * from './nn/layers/prelu.ts';
export * from './nn/ops/conv2d.ts';
export * from './nn/ops/global-average-pool.ts';
export * from './nn/ops/hand-written.ts';
export * from './nn/ops/leaky-relu.ts';
export * from './nn/ops/linear.ts';
export * from './nn/ops/max-pool2d.ts';
export * from './nn/ops/normalize.ts';
export * from './nn/ops/pixel-shuffle.ts';
export * from './nn/ops/running-sum.ts';
export * from './nn/ops/simple-gate.ts';
export * from './nn/ops/average-pool2d.ts';
export * from './nn/ops/fused-leaky-relu.ts';
export * from './nn/ops/minibatch-stddev.ts';
export * from './nn/ops/modulated-conv2d.ts';
export * from './nn/ops/pixel-norm.ts';
export * from './nn/ops/resize-bilinear.ts';
export * from './nn/ops/stateless-random.ts';
export * from './nn/ops/upfirdn2d.ts';
