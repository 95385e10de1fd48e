import { createInterface } from 'node:readline';
import { devicePeakBytes, loadEngine, UserError, peakMemory } from '@dualprior/core';
import '../catalogue.ts';
import { profile } from './profile.ts';
import { Workload, type WorkloadOptions } from './workload.ts';

// A process that does one bench only, so that its peak memory is the bench's. It speaks the protocol of participant.ts.

const answer = (values: object): void => void process.stdout.write(`${JSON.stringify(values)}\n`);

function timed(step: () => void, count: number): { ms: number; cpuMs: number } {
  const [start, before] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < count; i++) step();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000 };
}

try {
  let workload: Workload | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, count] = line.split(' ');
    if (!workload) {
      const options = JSON.parse(line) as WorkloadOptions;
      loadEngine(options.device);
      const startBytes = peakMemory();
      const { engine, parameters, step } = (workload = new Workload(options));
      const firstMs = timed(step, 1).ms;
      timed(step, 2);
      const { device } = engine;
      answer({ parameters: parameters.count, firstMs, stepMs: timed(step, 1).ms, device, startBytes });
    } else if (word === 'go') answer(timed(workload.step, Number(count)));
    else if (word === 'profile') answer(profile(workload, Number(count)));
    else if (word === 'end') {
      answer({ peakBytes: peakMemory(), devicePeakBytes: devicePeakBytes(workload.engine) });
      break;
    }
  }
  process.exit();
} catch (error) {
  if (error instanceof UserError) answer({ mistake: error.message });
  else process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}
