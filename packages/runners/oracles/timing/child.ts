import { mkdirSync } from 'node:fs';
import { directSampler, type Batch, type Sampler } from '@dualprior/blocks';
import { devicePeakBytes, loadEngine, peakMemory, UserError } from '@dualprior/core';
import '../../catalogue.ts';
import { trainStage, type Networks } from '../../stages/testing/stage-harness.ts';
import type { TimedCase } from './cases.ts';
import { answer, readLine, Turns } from './turns.ts';

// A process that trains one stage, and says how long iterations take. It speaks the protocol of bench/participant.ts.

interface Task extends TimedCase {
  readonly compile: boolean;
  /** The experiment. */
  readonly file: string;
  /** Where the training leaves its state. */
  readonly folder: string;
}

/** The same images in each iteration: data are not timed. */
function constantImages({ size, batch }: TimedCase): Sampler {
  const shape: Batch['shape'] = [batch, size, size, 3];
  const image = () => Float32Array.from({ length: batch * size * size * 3 }, (_, i) => ((i * 7919) % 256) / 255);
  const shown = Array.from({ length: batch }, (_, i) => ({ name: String(i), flipped: false }));
  const made: Batch = { degraded: image(), sharp: image(), shape, shown, unreadable: [] };
  return { ...directSampler, batch: async () => made };
}

try {
  const task = JSON.parse(readLine()) as Task;
  const { file, folder } = task;
  mkdirSync(folder);
  const engine = loadEngine();
  const startBytes = peakMemory();
  let networks: Networks = new Map();
  const ready = () => ({
    // With buffers, as GFP-GAN's fixed decoder is one here.
    parameters: [...networks.values()].reduce(
      (sum, { parameters: { vector, buffers } }) => sum + vector.size + buffers.size,
      0,
    ),
    device: engine.device,
    startBytes,
  });
  const turns = new Turns(ready, () => ({ peakBytes: peakMemory(), devicePeakBytes: devicePeakBytes(engine) }));
  await trainStage(file, 'train', folder, {
    compile: task.compile,
    sampler: constantImages(task),
    onIteration: (all) => {
      networks = all;
      turns.iterated();
    },
  });
} catch (error) {
  if (error instanceof UserError) answer({ mistake: error.message });
  else process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}
