import {
  GpuUsageMonitor,
  isSystemMetric,
  SYSTEM_METRICS,
  SystemUsageSampler,
  type GpuUsage,
  type Journal,
  type JournalRecord,
  type SystemUsage,
} from '@dualprior/core';

/** Seconds between samples, as in MLflow's client. */
const INTERVAL = 10;

/**
 * Journals what the machine is busy with, every ten seconds, for the run in `journal`; names and units are those of MLflow's Python client
 * (`mlflow/system_metrics`). It reads some files of `/proc` in the background, and lines of one
 * `nvidia-smi` where there is one; a step is never waited for, nor made to wait. A sample that would fall into a long step comes after it.
 */
export class SystemMetrics {
  readonly #system = new SystemUsageSampler();
  readonly #gpus: GpuUsageMonitor;
  readonly #timer: NodeJS.Timeout;
  #stopped = false;

  /** The journal of the run that samples are noted for; undefined: of none at the moment. */
  journal: Journal | undefined;

  /** @param step of the first sample: the steps of a metric grow over all sessions of a run */
  constructor(
    private step: number,
    seconds = INTERVAL,
  ) {
    this.#gpus = new GpuUsageMonitor(seconds);
    void this.#system.sample(); // what the first share of the processors' time is counted from
    this.#timer = setInterval(() => void this.#sample(), seconds * 1000).unref();
  }

  /** Nothing is journaled after that. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#gpus.stop();
  }

  async #sample(): Promise<void> {
    const usage = await this.#system.sample();
    const { journal } = this;
    if (this.#stopped || !journal) return;
    const values = Object.entries({ ...systemValues(usage), ...gpuValues(this.#gpus.take()) });
    for (const [name, value] of values) {
      if (value !== undefined && Number.isFinite(value)) {
        journal.metric(`${SYSTEM_METRICS}${name}`, Math.round(value * 10) / 10, this.step);
      }
    }
    this.step++;
  }
}

/** The step of the next sample of a run with this journal. */
export function nextSystemStep(records: readonly JournalRecord[]): number {
  const last = records.findLast(isSystemMetric);
  return last?.event === 'metric' ? last.step + 1 : 0;
}

type Values = Readonly<Record<string, number | undefined>>;

export function systemValues({ cpu, memory, disk, network }: SystemUsage): Values {
  return {
    cpu_utilization_percentage: cpu,
    ...(memory && {
      system_memory_usage_megabytes: memory.used / 1e6,
      system_memory_usage_percentage: (100 * memory.used) / memory.total,
    }),
    ...(disk && {
      // As df and psutil count it: of what users may fill.
      disk_usage_percentage: (100 * disk.used) / (disk.used + disk.free),
      disk_usage_megabytes: disk.used / 1e6,
      disk_available_megabytes: disk.free / 1e6,
    }),
    ...(network && {
      network_receive_megabytes: network.received / 1e6,
      network_transmit_megabytes: network.sent / 1e6,
    }),
  };
}

export function gpuValues(gpus: readonly GpuUsage[]): Values {
  const values = gpus.flatMap(({ index, utilization, memory, power }) => [
    [`gpu_${index}_utilization_percentage`, utilization],
    [`gpu_${index}_memory_usage_megabytes`, memory.used / 1e6],
    [`gpu_${index}_memory_usage_percentage`, (100 * memory.used) / memory.total],
    [`gpu_${index}_power_usage_watts`, power.used],
    [`gpu_${index}_power_usage_percentage`, (100 * power.used) / power.limit],
  ]);
  return Object.fromEntries(values) as Values;
}
