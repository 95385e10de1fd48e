import { writeFileSync } from 'node:fs';
import { devicePeakBytes, loadEngine, memoryIn, peakMemory } from '@dualprior/core';

/** Says how much memory this process takes, in bytes: of the GPU where the engine has one, else of the machine. */
export interface MemoryMeter {
  /** What it takes now; on a GPU, the most that it has taken there. */
  now(): number;
  /** The most that it has taken since `forgetPeak`. */
  peak(): number;
  /** Resets the peak where the system can do that; elsewhere `peak` is too large rather than too small. */
  forgetPeak(): void;
}

/** This process as TensorFlow's allocator (on a GPU) or Linux measures it. */
export const thisProcess: MemoryMeter = {
  now: () => devicePeakBytes(loadEngine()) ?? memoryIn('/proc/self/status', 'VmRSS') ?? process.memoryUsage.rss(),
  peak: () => devicePeakBytes(loadEngine()) ?? peakMemory() ?? process.memoryUsage.rss(),
  forgetPeak: () => {
    try {
      writeFileSync('/proc/self/clear_refs', '5');
    } catch {
      // The peak since the start counts.
    }
  },
};
