import type { BenchCase } from './cases.ts';
import { watchOtherLoad } from './other-load.ts';
import type { Participant } from './participant.ts';
import { median, ourProcess, TURN, type BenchOptions } from './run-bench.ts';

/** What several processes do together that one does alone, each of one thread, as the launcher `local` starts them. */
export interface SideBySide {
  readonly name: string;
  readonly processes: number;
  /** Median of the milliseconds per step, of one that is alone and of one beside the others. */
  readonly alone: number;
  readonly together: number;
  /** Steps per second of all together over those of one alone: median over the rounds, in each of which both are measured. */
  readonly throughput: number;
  /** As in `BenchResult`. */
  readonly otherLoad: number | null;
}

/** Errors: a process fails. */
export async function sideBySide(one: BenchCase, processes: number, options: BenchOptions): Promise<SideBySide> {
  const all = Array.from({ length: processes }, (_, i) =>
    ourProcess(`dualprior ${i + 1}`, one, { ...options, threads: 1 }, true),
  );
  try {
    options.log(`${one.name}: warming up ${processes} processes`);
    const [first] = await Promise.all(all.map((each) => each.start()));
    const steps = Math.max(1, Math.round(TURN / first!.stepMs));
    const load = watchOtherLoad(all.map(({ pid }) => pid));
    const turns: { alone: number; each: number[] }[] = [];
    for (let round = 0; round < options.rounds; round++) {
      options.log(`${one.name}: round ${round + 1} of ${options.rounds}`);
      const alone = (await all[round % processes]!.go(steps)).ms;
      turns.push({ alone, each: await msOfEach(all, steps) });
    }
    return {
      name: one.name,
      processes,
      alone: median(turns.map(({ alone }) => alone)),
      together: median(turns.flatMap(({ each }) => each)),
      throughput: median(turns.map(({ alone, each }) => each.reduce((sum, ms) => sum + alone / ms, 0))),
      otherLoad: load(),
    };
  } finally {
    for (const each of all) each.kill();
  }
}

async function msOfEach(all: readonly Participant[], steps: number): Promise<number[]> {
  return (await Promise.all(all.map((each) => each.go(steps)))).map(({ ms }) => ms);
}

/** `nafnet train 2x64x64: 2 processes of one thread do 1.93 times as much as one (31.2 ms per step alone, 32.3 ms together)`. */
export function sideBySideText({ name, processes, alone, together, throughput, otherLoad }: SideBySide): string {
  const others = otherLoad === null ? '' : `; other processes used ${otherLoad.toFixed(1)} cores`;
  const times = `${alone.toFixed(1)} ms per step alone, ${together.toFixed(1)} ms together`;
  return `${name}: ${processes} processes of one thread do ${throughput.toFixed(2)} times as much as one (${times}${others})`;
}
