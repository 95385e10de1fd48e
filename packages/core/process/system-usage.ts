import { readFile, statfs } from 'node:fs/promises';

/** Share of the processors' time that was not idle, from 0 to 100, between two readings of `/proc/stat`; undefined where they do not tell. */
export function cpuUtilization(before: string, now: string): number | undefined {
  const [a, b] = [cpuTimes(before), cpuTimes(now)];
  if (!a || !b || b.all <= a.all) return undefined;
  return 100 * (1 - (b.idle - a.idle) / (b.all - a.all));
}

/** Reads the line `cpu` of `/proc/stat`, in ticks: user nice system idle iowait irq softirq steal; guests are counted in user and nice. */
function cpuTimes(stat: string): { idle: number; all: number } | undefined {
  const numbers = /^cpu +([\d ]+)$/m.exec(stat)?.[1]?.split(' ').map(Number).slice(0, 8);
  if (!numbers || numbers.length < 5) return undefined;
  return { idle: numbers[3]! + numbers[4]!, all: numbers.reduce((sum, each) => sum + each, 0) };
}

/** Memory of the machine from `/proc/meminfo`, in bytes: all of it, and what no program could get; undefined where it does not tell. */
export function memoryUsage(meminfo: string): { total: number; used: number } | undefined {
  const of = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? NaN) * 1024;
  const [total, available] = [of('MemTotal'), of('MemAvailable')];
  return Number.isFinite(total - available) ? { total, used: total - available } : undefined;
}

/** Bytes that came in and went out over all network interfaces but the loopback, from `/proc/net/dev`, since the machine was started. */
export function networkTraffic(dev: string): { received: number; sent: number } {
  let [received, sent] = [0, 0];
  for (const [, name, numbers] of dev.matchAll(/^ *([^:\s]+): *([\d ]+)$/gm)) {
    const fields = numbers!.trim().split(/ +/).map(Number);
    if (name === 'lo' || fields.length < 9) continue;
    received += fields[0]!;
    sent += fields[8]!;
  }
  return { received, sent };
}

/** What the machine is busy with, as far as Linux tells it. */
export interface SystemUsage {
  /** Percent of all processors since the last sample. */
  readonly cpu?: number | undefined;
  /** Bytes. */
  readonly memory?: { readonly total: number; readonly used: number } | undefined;
  /** Bytes of the file system of `/`. */
  readonly disk?: { readonly total: number; readonly used: number; readonly free: number } | undefined;
  /** Bytes since sampling began. */
  readonly network?: { readonly received: number; readonly sent: number } | undefined;
}

/** Samples what the machine is busy with. Files of `/proc` are read in the background; nothing waits for it. */
export class SystemUsageSampler {
  #cpu = '';
  #traffic: { received: number; sent: number } | undefined;

  /** The first sample has no `cpu`. Never throws. */
  async sample(): Promise<SystemUsage> {
    const [stat, meminfo, dev, disk] = await Promise.all([
      text('/proc/stat'),
      text('/proc/meminfo'),
      text('/proc/net/dev'),
      statfs('/').catch(() => undefined),
    ]);
    const cpu = cpuUtilization(this.#cpu, stat);
    this.#cpu = stat;
    const traffic = dev === '' ? undefined : networkTraffic(dev);
    this.#traffic ??= traffic;
    const begin = this.#traffic;
    return {
      cpu,
      memory: memoryUsage(meminfo),
      disk: disk && {
        total: disk.blocks * disk.bsize,
        used: (disk.blocks - disk.bfree) * disk.bsize,
        free: disk.bavail * disk.bsize,
      },
      network: traffic && begin && { received: traffic.received - begin.received, sent: traffic.sent - begin.sent },
    };
  }
}

function text(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
