import { readSync } from 'node:fs';
import type { Turn } from '../../bench/participant.ts';

/** Iterations before the first answer: each kind of step has been traced and has run. */
const WARM = 17;

/**
 * Speaks the protocol of `bench/participant.ts` from within a training, which calls `iterated` after each iteration: reads what to do next without
 * leaving it, and counts iterations until that is done.
 */
export class Turns {
  #left = 1;
  #done = 0;
  #begun = now();
  #first = 0;

  /** @param ready what the first answer holds beside times; `end` what the last one holds */
  constructor(
    private readonly ready: () => object,
    private readonly end: () => object,
  ) {}

  iterated(): void {
    this.#done++;
    if (--this.#left > 0) return;
    const { ms, cpuMs } = since(this.#begun);
    if (this.#done === 1) {
      this.#first = ms;
      this.#left = WARM - 1;
    } else {
      const spent =
        this.#done === WARM ? { ...this.ready(), firstMs: this.#first, stepMs: ms / (WARM - 1) } : { ms, cpuMs };
      answer(spent);
      this.#next();
    }
    this.#begun = now();
  }

  #next(): void {
    const [word, count] = readLine().split(' ');
    if (word === 'go') this.#left = Number(count);
    else {
      answer(this.end());
      process.exit();
    }
  }
}

function now(): { readonly at: number; readonly cpu: NodeJS.CpuUsage } {
  return { at: performance.now(), cpu: process.cpuUsage() };
}

function since({ at, cpu }: ReturnType<typeof now>): Turn {
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - at, cpuMs: (user + system) / 1000 };
}

export function answer(values: object): void {
  process.stdout.write(`${JSON.stringify(values)}\n`);
}

/** The next line of standard input; waits for it. Empty at the end of the input. */
export function readLine(): string {
  const bytes: number[] = [];
  for (let byte = readByte(); byte !== undefined && byte !== LINE_FEED; byte = readByte()) bytes.push(byte);
  return Buffer.from(bytes).toString();
}

const LINE_FEED = 10;

/** Undefined at the end of the input. */
function readByte(): number | undefined {
  const byte = Buffer.alloc(1);
  for (;;) {
    try {
      return readSync(0, byte) === 1 ? byte[0] : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error; // a socket has nothing yet
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
