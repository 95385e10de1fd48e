import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEngine, peakMemory } from '@dualprior/core';
import '../../index.ts';
import { trainStage } from './stage-harness.ts';

// Trains stages of an experiment one after the other, on initial weights; says after each of them the greatest memory of the process so far.
// Its arguments: the file below `experiments`, the stages by commas, settings.

const [file, names, ...set] = process.argv.slice(2) as [string, string, ...string[]];
const folder = mkdtempSync(join(tmpdir(), 'peak-memory-'));
loadEngine();
try {
  for (const name of names.split(',')) {
    await trainStage(file, name, join(folder, name), { set });
    process.stdout.write(`${JSON.stringify({ name, peak: peakMemory() })}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
