import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, readWholeJournal } from '@dualprior/core';
import { expect, test } from '@jest/globals';
import { gpuValues, nextSystemStep, SystemMetrics, systemValues } from './system-metrics.ts';

test('samples are noted for the current run, their steps grow over sessions, and none comes after the end', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'system-')), 'journal.jsonl');
  const samples = async () => (await readWholeJournal(file)).filter((record) => record.event === 'metric');
  const session = async (stage: string) => {
    const before = await samples();
    const journal = Journal.open(file);
    const metrics = new SystemMetrics(nextSystemStep(await readWholeJournal(file)), 0.02);
    await new Promise((resolve) => setTimeout(resolve, 100)); // of no run
    expect(await samples()).toEqual(before);
    metrics.journal = journal.of('stages', stage);
    while ((await samples()).length < before.length + 20) await new Promise((resolve) => setTimeout(resolve, 10));
    metrics.stop();
    journal.close();
  };
  await session('a');
  const [first] = [await samples()];
  await session('b');
  const all = await samples();
  expect(all.slice(0, first.length)).toEqual(first);
  expect(new Set(all.slice(first.length).map(({ run }) => run.join('/')))).toEqual(new Set(['stages/b']));
  const steps = all.filter(({ key }) => key === 'system/system_memory_usage_percentage').map(({ step }) => step);
  expect(steps.every((step, i) => i === 0 || step > steps[i - 1]!)).toBe(true);
});

test('units are those of the names', () => {
  expect(
    systemValues({
      cpu: 12.5,
      memory: { total: 4e9, used: 1e9 },
      disk: { total: 12e9, used: 4e9, free: 6e9 },
      network: { received: 3e6, sent: 5e5 },
    }),
  ).toEqual({
    cpu_utilization_percentage: 12.5,
    system_memory_usage_megabytes: 1000,
    system_memory_usage_percentage: 25,
    disk_usage_percentage: 40,
    disk_usage_megabytes: 4000,
    disk_available_megabytes: 6000,
    network_receive_megabytes: 3,
    network_transmit_megabytes: 0.5,
  });
  const gpu = { index: 1, utilization: 50, memory: { used: 1e9, total: 4e9 }, power: { used: 175, limit: 700 } };
  expect(gpuValues([gpu])).toEqual({
    gpu_1_utilization_percentage: 50,
    gpu_1_memory_usage_megabytes: 1000,
    gpu_1_memory_usage_percentage: 25,
    gpu_1_power_usage_watts: 175,
    gpu_1_power_usage_percentage: 25,
  });
});
