import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemReason } from '@dualprior/core';

/** Bytes at the end of a log that are looked at. */
const TAIL = 16_384;

/** The end of a log, whole lines; empty where it cannot be read. */
export function tailOf(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, TAIL));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return size > TAIL ? buffer.toString().replace(/^[^\n]*\n/, '') : buffer.toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || systemReason(error) !== undefined) return '';
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** What a log says last. */
export function lastLine(log: string): string | undefined {
  return log.trimEnd().split('\n').at(-1)?.trim() || undefined;
}

const AGAIN = 'the same command continues from its last saved state';

/**
 * Why a job ended without a word of its own, with what to do about it: by what Slurm wrote into its log, and by its state where Slurm still knows it.
 * @param state `TIMEOUT`, ...; undefined where it is not known any more
 * @param asked what the job asked for, by option
 */
export function whyEnded(log: string, state: string | undefined, asked: Readonly<Record<string, string>>): string {
  const given = (option: string, remedy: string) =>
    `${remedy} \`launcher.${option}\`${asked[option] === undefined ? '' : ` (it is ${asked[option]})`}`;
  const sinceStart = log.slice(
    Math.max(0, log.lastIndexOf('DUE TO JOB REQUEUE'), log.lastIndexOf('DUE TO PREEMPTION')),
  );
  if (state === 'OUT_OF_MEMORY' || /oom[-_ ]?kill|exceeded (job )?memory limit/i.test(sinceStart)) {
    return `it took more memory than it was given. ${given('memory', 'Raise')}, or make the batch smaller; ${AGAIN}`;
  }
  if (state === 'TIMEOUT' || /DUE TO TIME LIMIT/.test(sinceStart)) {
    return `it ran longer than its time. ${given('time', 'Raise')}, or just continue: ${AGAIN}`;
  }
  if (state === 'NODE_FAIL' || state === 'BOOT_FAIL' || /DUE TO NODE FAILURE/.test(sinceStart)) {
    return `its node failed; ${AGAIN}`;
  }
  if (state === 'PREEMPTED')
    return `it made way for another job, and the cluster does not queue such jobs again; ${AGAIN}`;
  if (state === 'CANCELLED' || /CANCELLED AT/.test(sinceStart)) return `it was cancelled; ${AGAIN}`;
  if (state === 'DEADLINE') return `it could not be done by its deadline`;
  const said = lastLine(log);
  if (state === undefined && said === undefined)
    return 'it never began: it was cancelled, or Slurm has lost it; the same command submits it again';
  return `it ended without a result${state === undefined ? '' : ` (${state})`}${said === undefined ? '' : `: ${said}`}`;
}
