import { readFileSync } from 'node:fs';

/** The processor's features, as Linux lists them; empty where they are not known. */
export function processorFlags(file = '/proc/cpuinfo') {
  try {
    return /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync(file, 'utf8'))?.[1]?.trim() ?? '';
  } catch {
    return '';
  }
}

/** Whether the processor is known to lack AVX, without which TensorFlow ends the process. */
export function lacksAvx(flags = processorFlags()) {
  return flags !== '' && !flags.split(/\s+/).includes('avx');
}
