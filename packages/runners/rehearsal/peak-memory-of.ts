import { writeFileSync } from 'node:fs';
import { peakMemory } from '../bench/peak-memory.ts';

/**
 * Runs something and tells the greatest resident memory of this process meanwhile, in bytes: what it has before counts too, as TensorFlow
 * keeps it. Null where the system does not tell it.
 */
export async function peakMemoryOf<T>(run: () => Promise<T>): Promise<{ result: T; peakBytes: number | null }> {
  forgetPeak();
  const result = await run();
  return { result, peakBytes: peakMemory() };
}

/** Linux begins to measure the peak (VmHWM) anew; elsewhere it stays that of the whole process. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // No such file, or not allowed.
  }
}
