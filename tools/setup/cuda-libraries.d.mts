import type { Wheel } from './wheels.mjs';

type Log = (line: string) => void;
export declare const CUDA_FOLDER: string;
export declare const CUDA_SOURCES: readonly string[];
export declare function installCudaLibraries(options: {
  cache: string;
  log: Log;
  source?: 'auto' | 'machine' | 'wheels' | 'none';
  machine?: { root?: string; env?: NodeJS.ProcessEnv; loader?: () => string[] };
  unpack?: (wheel: Wheel, cache: string, log: Log) => Promise<string>;
}): Promise<string>;
