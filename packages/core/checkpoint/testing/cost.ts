import { readWeights } from '../weights.ts';
import { mostMemory } from './most-memory.ts';

// What comes of reading files, and what it costs, a line of JSON each: the error's name, seconds of a processor, and the megabytes by which
// the most memory so far grew.

for (const file of process.argv.slice(2)) {
  const [before, start] = [mostMemory(), process.cpuUsage()];
  let error: { name?: string } = {};
  try {
    for (const { values } of readWeights(file).values()) void values.length;
  } catch (thrown) {
    error = thrown as Error;
  }
  const { user, system } = process.cpuUsage(start);
  const cost = { seconds: (user + system) / 1e6, megabytes: mostMemory() - before };
  process.stdout.write(`${JSON.stringify({ name: error.name, ...cost })}\n`);
}
