import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { programOf } from '@dualprior/core';

interface Limits {
  /** Resident memory of the process that reads, in bytes. */
  readonly memory: number;
  /** Seconds of a processor for one file. */
  readonly processor: number;
  /** Seconds for one file by the clock, for a process that waits for something that never comes. Default 120. */
  readonly clock?: number;
}

/** How often the process is looked at, in ms. */
const LOOK = 20;
/** Ticks of `/proc/PID/stat` in a second. */
const TICKS = 100;

/**
 * Has files read by a process of its own, one after the other. A file that takes the process over its limits, or ends it, is a failure of that file;
 * the next one gets a new process.
 */
export class Judge {
  #child: ChildProcess | undefined;

  /**
   * @param program TypeScript that calls `answerFiles`
   * @param flags of Node
   */
  constructor(
    private readonly program: string,
    private readonly limits: Limits,
    private readonly flags: readonly string[] = [],
  ) {}

  /** What the program says of a file, or how the process failed at it. */
  async verdict(file: string): Promise<Verdict> {
    const child = (this.#child ??= await this.#start());
    const verdict = await this.#watched(child, file);
    if (!verdict.failed) return verdict;
    this.end();
    return verdict;
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #start(): Promise<ChildProcess> {
    const [start, ...program] = programOf(this.program);
    const child = fork(start!, program, {
      execArgv: [...this.flags],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await new Promise((resolve, reject) => {
      child.once('message', resolve).once('exit', () => reject(new Error(`${this.program} does not start.`)));
    });
    child.removeAllListeners();
    return child;
  }

  #watched(child: ChildProcess, file: string): Promise<Verdict> {
    return new Promise((resolve) => {
      const [before, since] = [usage(child.pid!), performance.now()];
      const end = (verdict: Verdict) => {
        clearInterval(watch);
        child.removeAllListeners();
        resolve(verdict);
      };
      const look = () => this.#excess(before, since, usage(child.pid!));
      const watch = setInterval(() => {
        const excess = look();
        if (excess) end(excess);
      }, LOOK);
      child.once('message', (verdict: Verdict) => end(look() ?? verdict));
      child.once('exit', (code, signal) => end(failure(`the process ended with ${signal ?? `exit code ${code}`}`)));
      child.send(file);
    });
  }

  #excess(before: Usage | undefined, since: number, now: Usage | undefined): Verdict | undefined {
    if (!before || !now) return undefined;
    const { memory, processor, clock = 120 } = this.limits;
    if (now.peak > memory) return failure(`took more than ${megabytes(memory)} of memory (${megabytes(now.peak)})`);
    const spent = now.seconds - before.seconds;
    if (spent > processor) return failure(`took more than ${processor} s of a processor`);
    const waited = (performance.now() - since) / 1000;
    return waited > clock ? failure(`gave no answer in ${clock} s`) : undefined;
  }
}

export interface Verdict {
  /** `refused`; of a failure, what went wrong. */
  readonly outcome: string;
  readonly failed: boolean;
}

interface Usage {
  /** Greatest resident memory of the process so far, in bytes. */
  readonly peak: number;
  /** Processor time in seconds. */
  readonly seconds: number;
}

/** Undefined for a process that has ended. */
function usage(pid: number): Usage | undefined {
  try {
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return peak
      ? { peak: Number(peak[1]) * 1024, seconds: (Number(fields[11]) + Number(fields[12])) / TICKS }
      : undefined;
  } catch {
    return undefined;
  }
}

const failure = (outcome: string): Verdict => ({ outcome, failed: true });
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
