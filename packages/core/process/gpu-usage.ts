import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What one NVIDIA GPU is busy with; what it does not tell is NaN. */
export interface GpuUsage {
  /** As `nvidia-smi` counts them. */
  readonly index: number;
  /** Percent. */
  readonly utilization: number;
  /** Bytes. */
  readonly memory: { readonly used: number; readonly total: number };
  /** Watts. */
  readonly power: { readonly used: number; readonly limit: number };
}

const FIELDS = 'index,utilization.gpu,memory.used,memory.total,power.draw,enforced.power.limit';

/** A line of `nvidia-smi --query-gpu=... --format=csv,noheader,nounits`; undefined for any other. */
export function parseGpuUsage(line: string): GpuUsage | undefined {
  const fields = line.split(',').map((field) => (field.trim() === '' ? NaN : Number(field)));
  if (fields.length !== 6 || !Number.isInteger(fields[0])) return undefined;
  const [index, utilization, used, total, power, limit] = fields as [number, number, number, number, number, number];
  return {
    index,
    utilization,
    memory: { used: used * 2 ** 20, total: total * 2 ** 20 },
    power: { used: power, limit },
  };
}

/** Follows the GPUs by one `nvidia-smi` that continues for as long as it is asked to; without one there are none. */
export class GpuUsageMonitor {
  readonly #latest = new Map<number, GpuUsage>();
  readonly #child: ChildProcess;

  /** @param seconds between samples */
  constructor(seconds: number, program = 'nvidia-smi') {
    const query = [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits', `--loop=${seconds}`];
    this.#child = spawn(program, query, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child.on('error', () => {});
    this.#child.unref();
    const output = this.#child.stdout!;
    (output as typeof output & { unref?(): void }).unref?.();
    createInterface({ input: output }).on('line', (line) => {
      const usage = parseGpuUsage(line);
      if (usage) this.#latest.set(usage.index, usage);
    });
  }

  /** What came since the last time, by the index of the GPU. */
  take(): GpuUsage[] {
    const usages = [...this.#latest.values()];
    this.#latest.clear();
    return usages;
  }

  stop(): void {
    this.#child.kill();
  }
}
