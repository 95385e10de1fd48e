import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { UserError } from '@dualprior/core';

/** One job of the queue, as squeue tells it. */
export interface QueuedJob {
  /** That of its array. */
  readonly name: string;
  /** In its array; -1 for those that were cancelled before they began, which Slurm lists as one. */
  readonly index: number;
  /** Slurm's number of the array. */
  readonly array: string;
  /** `PENDING`, `RUNNING`, `TIMEOUT`, ... */
  readonly state: string;
  /** Why it waits or has ended, as Slurm calls it; empty where it does not say. */
  readonly reason: string;
  readonly node: string;
}

/** A partition with the greatest of its nodes. */
export interface Partition {
  readonly name: string;
  readonly isDefault: boolean;
  /** The longest time of a job, as Slurm writes it. */
  readonly time: string;
  /** Cores and GPUs that a node has at most. */
  readonly cpus: number;
  readonly gpus: number;
}

/** A command of Slurm that failed, with what it said. */
export class SlurmError extends Error {
  constructor(
    readonly command: string,
    readonly said: string,
    /** Whether it was killed before it could answer. */
    readonly wasKilled = false,
  ) {
    super(`${command}: ${said}`);
  }

  /** Whether slurmctld was not reached, which may pass. */
  get isLost(): boolean {
    return /unable to contact slurm controller|connection (refused|timed out)|socket timed out|zero bytes/i.test(
      this.said,
    );
  }
}

/** Submits an array and returns Slurm's number for it. Errors: `SlurmError`; `UserError` where there is no sbatch. */
export async function sbatch(flags: readonly string[], script: string): Promise<string> {
  const said = await slurm('sbatch', ['--parsable', ...flags], script);
  const [, job] = /^(\d+)(;.*)?$/m.exec(said.trim()) ?? [];
  if (job === undefined) throw new SlurmError('sbatch', `its answer has no job number: ${said.trim()}`);
  return job;
}

const FIELDS = ['%j', '%K', '%F', '%T', '%r', '%N'];

/** All arrays' jobs of this user that Slurm remembers, ended ones for some minutes. Errors: as of `sbatch`. */
export async function squeue(): Promise<QueuedJob[]> {
  const format = `--format=${FIELDS.join('|')}`;
  const user = `--user=${userInfo().uid}`;
  const said = await slurm('squeue', ['--noheader', '--array', '--states=all', user, format]);
  return said.split('\n').flatMap((line): QueuedJob[] => {
    const [name, index, array, state, reason, node] = line.trim().split('|');
    if (index === undefined || !/^\d+$/.test(array!)) return [];
    const about = {
      name: name!,
      array: array!,
      state: state!,
      reason: reason === 'None' ? '' : reason!,
      node: node ?? '',
    };
    return [{ ...about, index: /^\d+$/.test(index) ? Number(index) : -1 }];
  });
}

/** Errors: as of `sbatch`. */
export async function scancel(jobs: readonly string[]): Promise<void> {
  if (jobs.length > 0) await slurm('scancel', jobs);
}

/** Errors: as of `sbatch`. */
export async function sinfo(): Promise<Partition[]> {
  const said = await slurm('sinfo', ['--noheader', '--exact', '--format=%P|%l|%c|%G']);
  const partitions = new Map<string, Partition>();
  for (const line of said.split('\n').filter((each) => each.includes('|'))) {
    const [name, time, cpus, gres] = line.trim().split('|') as [string, string, string, string];
    const plain = name.replace(/\*$/, '');
    const known = partitions.get(plain);
    partitions.set(plain, {
      name: plain,
      isDefault: name.endsWith('*'),
      time,
      cpus: Math.max(known?.cpus ?? 0, parseInt(cpus)),
      gpus: Math.max(known?.gpus ?? 0, gpusIn(gres)),
    });
  }
  return [...partitions.values()];
}

/** `gpu:a100:4(S:0-1),gpu:1` has 5. */
function gpusIn(gres: string): number {
  const counts = [...gres.matchAll(/(?:^|,)gpu(?::[^:,(]+)?(?::(\d+))?(?=[,(]|$)/g)];
  return counts.reduce((sum, [, count]) => sum + Number(count ?? 1), 0);
}

/** Errors: `UserError` where there is no sbatch. */
export async function checkSbatch(): Promise<void> {
  await slurm('sbatch', ['--version']);
}

/** The state of a job of the past by Slurm's accounting; undefined where it keeps none. */
export async function sacct(job: string): Promise<string | undefined> {
  try {
    const said = await slurm('sacct', ['--noheader', '--parsable2', '--allocations', '--format=State', '--jobs', job]);
    return /^([A-Z_]+)/m.exec(said)?.[1];
  } catch (error) {
    if (error instanceof SlurmError || error instanceof UserError) return undefined;
    throw error;
  }
}

/** Has a job of an array start over when it has ended. Errors: as of `sbatch`. */
export async function requeue(job: string): Promise<void> {
  await slurm('scontrol', ['requeue', job]);
}

/** The state of one job (`12_3`). Errors: as of `sbatch`. */
export async function stateOf(job: string): Promise<string> {
  return (await slurm('squeue', ['--noheader', '--format=%T', '--jobs', job])).trim();
}

function slurm(command: string, parameters: readonly string[], input = ''): Promise<string> {
  return new Promise((done, failed) => {
    // In a process group of its own: a Ctrl-C is for us.
    const child = spawn(command, parameters, { stdio: ['pipe', 'pipe', 'pipe'], env: outside(), detached: true });
    let [output, said] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdin.on('error', () => {}).end(input);
    child.on('error', ({ message }: NodeJS.ErrnoException) => failed(new UserError(missing(command, message))));
    child.on('close', (code, signal) => {
      const ended = signal ? `it was killed by ${signal}` : `it ended with exit code ${code}`;
      if (code === 0) done(output);
      else failed(new SlurmError(command, said.trim() || ended, signal !== null));
    });
  });
}

/** The environment without what a job has that this process may itself run in: its size is not that of others. */
function outside(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => name === 'SLURM_CONF' || !/^(SLURM|SRUN)_/.test(name));
  return Object.fromEntries(entries);
}

function missing(command: string, message: string): string {
  return (
    `${command} cannot be run (${message}): the launcher slurm needs Slurm's commands. Start from a login node of the cluster, ` +
    'load its module (`module load slurm`), or train here with `--launcher local`.'
  );
}
