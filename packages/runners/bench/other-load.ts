import { readFileSync } from 'node:fs';

/** Processor time is counted in these: a hundred a second on every Linux. */
const TICKS = 100;

/**
 * From now on counts what other processes use of the processor. Returns what tells it: in cores, or null where the system has no
 * /proc. Two threads that wait for each other (PyTorch's) suffer far more from a busy machine than others, so times count only where
 * this is near zero.
 */
export function watchOtherLoad(pids: readonly number[], now = () => performance.now() / 1000): () => number | null {
  const start = { at: now(), others: otherTicks(pids) };
  return () => {
    const others = otherTicks(pids);
    if (others === null || start.others === null) return null;
    return Math.max(0, (others - start.others) / TICKS / (now() - start.at));
  };
}

function otherTicks(pids: readonly number[]): number | null {
  try {
    const [user, nice, system, , , irq, softirq] = numbers(
      /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))![1]!,
    );
    const all = user! + nice! + system! + irq! + softirq!;
    return pids.reduce((rest, pid) => rest - ticksOf(pid), all);
  } catch {
    return null;
  }
}

function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , , , , , , , , , , user, system] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(user) + Number(system);
}

function numbers(text: string): number[] {
  return text.split(' ').map(Number);
}
