import { totalmem } from 'node:os';

/**
 * What TensorFlow takes from the environment for the CPU, where the person did not say otherwise: it keeps the memory that a step frees for
 * the next one, as it does on a GPU. The C library would return what is large to the system, which clears each page at each step anew: a
 * fourth of NAFNet-32's processor time. More than the machine has is then an error of the step.
 */
export function prepareCpu(env = process.env) {
  env.TF_CPU_ALLOCATOR_USE_BFC ??= 'true';
  env.TF_CPU_BFC_MEM_LIMIT_IN_MB ??= String(Math.floor(totalmem() / 2 ** 20));
}
