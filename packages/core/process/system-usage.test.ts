import { totalmem } from 'node:os';
import { expect, test } from '@jest/globals';
import { cpuUtilization, memoryUsage, networkTraffic, SystemUsageSampler } from './system-usage.ts';

test('the share of busy time leaves out idling and waiting for disks, and counts no guest twice', () => {
  // 100 ticks between both: 50 user (20 of them a guest's), 10 system, 30 idle, 10 iowait.
  const before = 'cpu  100 0 50 800 50 0 0 0 40 0\ncpu0 100 0 50 800 50 0 0 0 40 0\n';
  const now = 'cpu  150 0 60 830 60 0 0 0 60 0\ncpu0 150 0 60 830 60 0 0 0 60 0\n';
  expect(cpuUtilization(before, now)).toBeCloseTo(60);
  expect([cpuUtilization('', now), cpuUtilization(now, now), cpuUtilization('cpu x', now)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('used memory is what no program could get', () => {
  const meminfo = 'MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\n';
  expect(memoryUsage(meminfo)).toEqual({ total: 1_024_000, used: 614_400 });
  expect(memoryUsage('MemTotal: 1000 kB\n')).toBeUndefined();
});

test('traffic is that of all interfaces but the loopback', () => {
  const dev =
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
    '    lo: 777 1 0 0 0 0 0 0 777 1 0 0 0 0 0 0\n' +
    '  eth0: 1000 5 0 0 0 0 0 0 30 4 0 0 0 0 0 0\n' +
    'eth0.7:2 5 0 0 0 0 0 0 4 4 0 0 0 0 0 0\n';
  expect(networkTraffic(dev)).toEqual({ received: 1002, sent: 34 });
});

test('samples this machine', async () => {
  const sampler = new SystemUsageSampler();
  expect((await sampler.sample()).cpu).toBeUndefined();
  for (const begin = performance.now(); performance.now() - begin < 100;); // ten ticks, all busy here
  const { cpu, memory, disk, network } = await sampler.sample();
  expect(cpu).toBeGreaterThan(0);
  expect(cpu).toBeLessThanOrEqual(100);
  expect(memory!.total).toBe(totalmem());
  expect(disk!.used + disk!.free).toBeLessThanOrEqual(disk!.total);
  expect(network!.received).toBeGreaterThanOrEqual(0);
});
