import { totalmem } from 'node:os';
import { machineMemory } from '../process/machine-memory.mjs';

/** What the process takes beside TensorFlow's tensors, in bytes: Node, TensorFlow's library, decoded images. */
const BESIDE = 2 ** 29;

/**
 * Sets what TensorFlow takes from the environment for the CPU, where the user has not: it keeps the memory that a step frees for
 * the next one, as it does on a GPU. The C library would return what is large to the system, which clears each page at each step again: a
 * fourth of NAFNet-32's processor time. A step that needs more than there is then fails, instead of the system killing the process:
 * in a container or a Slurm job, whose limit counts all that the process takes, the limit is that less what is not tensors.
 */
export function prepareCpu(env = process.env, memory = machineMemory()) {
  env.TF_CPU_ALLOCATOR_USE_BFC ??= 'true';
  const limit = memory < totalmem() ? Math.max(memory / 2, memory - BESIDE) : memory;
  env.TF_CPU_BFC_MEM_LIMIT_IN_MB ??= String(Math.floor(limit / 2 ** 20));
}
