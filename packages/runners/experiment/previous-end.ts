import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** What the system says of itself. */
interface System {
  /** Another one after each start of the machine. */
  readonly boot: string;
  /** Processes that it has killed for want of memory since then. */
  readonly killed: number;
}

/** Undefined where the system does not say it. */
export function thisSystem(): System | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const killed = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1];
    return killed === undefined ? undefined : { boot, killed: Number(killed) };
  } catch {
    return undefined;
  }
}

/**
 * Notes in `file` that a run begins. Returns how to note its end, and a warning if the run before it was killed and the system has
 * killed a process for want of memory since that began.
 */
export function noteStart(
  file: string,
  system: System | undefined = thisSystem(),
): { ended: () => void; warning?: string } {
  const before = existsSync(file) ? read(file) : undefined;
  if (system) writeFileSync(file, JSON.stringify(system));
  const ended = () => rmSync(file, { force: true });
  if (before?.killed === undefined || !system || before.boot !== system.boot || before.killed >= system.killed)
    return { ended };
  const warning =
    'this run was killed before, and the system has killed a process for want of memory since it began: probably this one. ' +
    'Smaller batches (stages.NAME.batch.size), runtime.recompute or fewer runtime.workers take less; --plan measures how much.';
  return { ended, warning };
}

function read(file: string): Partial<System> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<System>;
  } catch {
    return undefined;
  }
}
