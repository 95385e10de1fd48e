export * from './nn.ts';
export * from './container/container.ts';
export * from './config/describe.ts';
export { jsonSchema } from './config/json-schema.ts';
export { componentsIn } from './component/components-in.ts';
export type { Option, Written } from './component/written-options.ts';
export { Experiment, type ExperimentConfig } from './config/experiment.ts';
export { loadExperiment } from './config/load.ts';
export { loadSweep, type Sweep, type Variant } from './config/sweep/load-sweep.ts';
export { shortNames } from './config/sweep/paths.ts';
export { didYouMean } from './config/nearest.ts';
export type { Finding } from './config/findings.ts';
export { readPlugins, type Plugin } from './config/read-plugins.ts';
export * from './config/published-files.ts';
export type { Section } from './config/schema.ts';
export * from './credentials/credentials.ts';
export * from './engine/cache.mjs';
export {
  CompiledStep,
  EagerStep,
  type CompileOptions,
  type RunnableStep,
  type Step,
  type TraceNote,
} from './engine/compile/compile.ts';
export * from './engine/device-memory.ts';
export * from './engine/engine.ts';
export { nativeTime } from './engine/profile.ts';
export * from './engine/linear-algebra.ts';
export { plainAddon } from './engine/plain-addon.ts';
export { piecesOf, readRange, type Bytes } from './files/bytes.ts';
export { fileBytes } from './files/file-bytes.ts';
export * from './files/make-folder.ts';
export * from './checkpoint/sealed-json.ts';
export { parseFile } from './files/parse-file.ts';
export { readText } from './files/read-text.ts';
export * from './files/system-reason.ts';
export { counted } from './log/counted.ts';
export { uniqueName } from './log/unique-name.ts';
export * from './log/log.ts';
export * from './process/gpu-usage.ts';
export { isOutside } from './plugins/installation.mjs';
export { INSTALLATION } from './process/installation.mjs';
export { sharePackages } from './plugins/share.ts';
export * from './process/lock.mjs';
export * from './process/machine-memory.mjs';
export * from './process/peak-memory.ts';
export * from './process/system-usage.ts';
export { quoted, spelled } from './process/command-line.ts';
export { COMPILED, programOf } from './process/compiled.ts';
export { standing } from './process/working-folder.ts';
export * from './process/typescript.ts';
export * from './journal/journal.ts';
export * from './journal/journal-reader.ts';
export * from './journal/record.ts';
export * from './journal/source-tags.ts';
export * from './journal/tracker.ts';
export { contentHash } from './checkpoint/content-hash.ts';
export { withoutCounters } from './checkpoint/parts.ts';
export { writeFileAtomic } from './checkpoint/atomic-file.ts';
export { checksum } from './checkpoint/checksum.ts';
export * from './checkpoint/finite.ts';
export * from './checkpoint/npy.ts';
export { persistentModule } from './checkpoint/persistent-module.ts';
export {
  readSafetensors,
  readSafetensorsMetadata,
  writeSafetensors,
  type TensorToWrite,
} from './checkpoint/safetensors.ts';
export * from './checkpoint/write-torch-file.ts';
export { dtypesOf, stateDictOf } from './checkpoint/stored-tensor.ts';
export { moduleTensors } from './checkpoint/tree.ts';
export { hasStandIn, standInForMissingFiles } from './checkpoint/stand-ins.ts';
export * from './checkpoint/weights.ts';
export { weightsIdentity, weightsOnDisk } from './checkpoint/weights-on-disk.ts';
