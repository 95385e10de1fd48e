import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UserError } from '@dualprior/core';
import type { Profile } from './profile.ts';

/** What a process says once it has warmed up. */
export interface Ready {
  /** Trainable numbers of its network. */
  readonly parameters: number;
  /** Milliseconds of its first step, with all that this one has to prepare (tracing, compiling). */
  readonly firstMs: number;
  /** Milliseconds of its last step so far. */
  readonly stepMs: number;
  readonly device: 'cpu' | 'gpu';
  /** Peak resident memory before it had a network, in bytes: program and libraries. Null where the system does not tell. */
  readonly startBytes: number | null;
}

/** Most memory that a process has had, in bytes. */
export interface Peak {
  /** Resident in the machine's memory; null where the system does not tell. */
  readonly peakBytes: number | null;
  /** What its tensors took of a GPU's memory; null on a CPU. */
  readonly devicePeakBytes: number | null;
}

/** What a step took: time, and processor time of all threads together, in milliseconds. */
export interface Turn {
  readonly ms: number;
  readonly cpuMs: number;
}

/**
 * A process that does one bench and nothing else, so that processes can take turns and each has a peak memory of its own. One line each way:
 *
 *     (JSON of what to do)  -> {"parameters": ..., "firstMs": ..., "stepMs": ..., "device": ..., "startBytes": ...}
 *     go 5                  -> {"ms": time of five steps, "cpuMs": processor time}
 *     profile 5             -> a Profile (profile.ts)
 *     end                   -> {"peakBytes": bytes or null, "devicePeakBytes": bytes or null}, and it ends
 *
 * In place of each answer may come {"mistake": "..."}: what the user asked for cannot be.
 */
export class Participant {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Error>;
  readonly #lines: AsyncIterator<string>;
  #said = '';

  constructor(
    readonly name: string,
    program: string,
    parameters: readonly string[],
    private readonly config: object,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.#child = spawn(program, parameters, { env });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-8000);
    });
    this.#child.stdin.on('error', () => {}); // it has ended; its end says why
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(new Error(`${name}: ${error.message}`)));
      this.#child.on('close', (code, signal) => resolve(this.#failure(code, signal)));
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Starts the work and waits until it is warm. Errors: the process ended, with what it said last; `UserError` where it says that the user's wish cannot be. */
  start(): Promise<Ready> {
    return this.#ask(JSON.stringify(this.config)) as Promise<Ready>;
  }

  /** Means over so many steps. */
  async go(steps: number): Promise<Turn> {
    const { ms, cpuMs } = (await this.#ask(`go ${steps}`)) as Turn;
    return { ms: ms / steps, cpuMs: cpuMs / steps };
  }

  /** Where a step spends its time, over so many; of our own processes only. */
  profile(steps: number): Promise<Profile> {
    return this.#ask(`profile ${steps}`) as Promise<Profile>;
  }

  /** Ends it. Returns its peak memory. */
  async end(): Promise<Peak> {
    const { peakBytes, devicePeakBytes = null } = (await this.#ask('end')) as Partial<Peak> & Pick<Peak, 'peakBytes'>;
    await this.#ended;
    return { peakBytes, devicePeakBytes };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask(line: string): Promise<unknown> {
    this.#child.stdin.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw await this.#ended;
    const answer = JSON.parse(value as string) as { mistake?: string };
    if (answer.mistake !== undefined) throw new UserError(answer.mistake);
    return answer;
  }

  #failure(code: number | null, signal: string | null): Error {
    const memory = signal === 'SIGKILL' ? ' (out of memory, most likely: a smaller --size or --batch needs less)' : '';
    const said = this.#said.trim().split('\n').slice(-8).join('\n  ');
    return new Error(`${this.name} ended with ${signal ?? `code ${code}`}${memory}${said && `:\n  ${said}`}`);
  }
}
