import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { GpuUsageMonitor, parseGpuUsage, type GpuUsage } from './gpu-usage.ts';

test('a line of nvidia-smi: MiB and watts; what a GPU does not tell is no number', () => {
  expect(parseGpuUsage('1, 37, 2048, 81559, 120.50, 700.00')).toEqual({
    index: 1,
    utilization: 37,
    memory: { used: 2 ** 31, total: 81559 * 2 ** 20 },
    power: { used: 120.5, limit: 700 },
  });
  expect(parseGpuUsage('0, 5, 1, 2, [N/A], [N/A]')!.power).toEqual({ used: NaN, limit: NaN });
  expect(parseGpuUsage('NVIDIA-SMI has failed because it could not communicate')).toBeUndefined();
});

test('each sample is taken once; without nvidia-smi there is none', async () => {
  const program = join(mkdtempSync(join(tmpdir(), 'gpu-')), 'nvidia-smi');
  writeFileSync(program, '#!/bin/sh\necho "0, 10, 1, 100, 50, 100"\necho "0, 20, 2, 100, 60, 100"\nexec sleep 60\n');
  chmodSync(program, 0o755);
  const monitor = new GpuUsageMonitor(1, program);
  const taken: GpuUsage[] = [];
  while (!taken.some(({ utilization }) => utilization === 20)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    taken.push(...monitor.take());
  }
  expect(monitor.take()).toEqual([]);
  monitor.stop();
  const none = new GpuUsageMonitor(1, `${program}-missing`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(none.take()).toEqual([]);
  none.stop();
});
