import { Type, type Static } from '@sinclair/typebox';
import { WORDS } from '@dualprior/core';

/** As sbatch reads it: minutes, `2:00:00`, `1-12`, `1-12:00:00`. */
const TIME = '^(\\d+|\\d+:\\d{2}:\\d{2}|\\d+-\\d+(:\\d{2}){0,2})$';

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

/** Options of sbatch in its own terms where it has them. */
export const SLURM_OPTIONS = Type.Object({
  account: text('what is charged (--account)'),
  partition: text('queue of the jobs (--partition); by default the one of the cluster'),
  gpus: Type.Optional(
    Type.Union(
      [
        Type.Integer({ minimum: 1, maximum: 64 }),
        Type.String({ pattern: '^[\\w.-]+:[1-9]\\d*$', [WORDS]: 'TYPE:COUNT, e.g. a100:1' }),
      ],
      { description: 'GPUs of each job, 1 or a100:1 (--gres=gpu:1); a stage computes on one' },
    ),
  ),
  time: Type.Optional(
    Type.Union(
      [Type.Integer({ minimum: 5 }), Type.String({ pattern: TIME, [WORDS]: 'a time like 2:00:00 or 1-12:00:00' })],
      {
        description:
          'time limit of each job, at least 5 minutes (--time): minutes, H:MM:SS or D-HH:MM:SS; a stage that needs longer continues in its next job',
      },
    ),
  ),
  cpus: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1024,
      description: 'cores of each job (--cpus-per-task), and its number of threads',
    }),
  ),
  memory: Type.Optional(
    Type.String({
      pattern: '^\\d+[KMGT]?$',
      [WORDS]: 'a size like 16G',
      description: 'memory of each job, e.g. 16G (--mem)',
    }),
  ),
  parallel: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'maximum number of jobs of an array that run at once (--array=...%N); default: no limit',
    }),
  ),
  sbatch: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      description: 'further options of sbatch by their long names: {qos: high, constraint: a100, exclusive: true}',
    }),
  ),
  setup: Type.Optional(
    Type.Array(Type.String(), { description: 'shell commands to run before each job: [module load cuda/12]' }),
  ),
});

export type SlurmOptions = Static<typeof SLURM_OPTIONS>;

/** Seconds before its time limit at which a job gets the signal to save its state. */
export const WARNING = 120;
/** Below that a job would hardly train between its start and that warning, in minutes. */
const SHORTEST = 5;

/** Options of sbatch that the launcher itself needs, or has a name for. */
const OWN = new Map([
  ...['array', 'dependency', 'output', 'error', 'open-mode', 'job-name', 'requeue', 'no-requeue', 'signal'].map(
    (name) => [name, undefined] as const,
  ),
  ...['parsable', 'wrap', 'wait', 'ntasks', 'nodes', 'test-only', 'help', 'version'].map(
    (name) => [name, undefined] as const,
  ),
  ...['account', 'partition', 'time'].map((name) => [name, name] as const),
  ...(['gres', 'gpus', 'gpus-per-node', 'gpus-per-task'] as const).map((name) => [name, 'gpus'] as const),
  ['cpus-per-task', 'cpus'] as const,
  ['mem', 'memory'] as const,
]);

/** Why options contradict each other, as a message for users. */
export function wrongOptions({ time, sbatch = {} }: SlurmOptions): string | undefined {
  if (time !== undefined && minutesOf(time) < SHORTEST) {
    return `time is ${time}, but must be at least ${SHORTEST} minutes: jobs save their state ${WARNING} s before the end`;
  }
  for (const name of Object.keys(sbatch)) {
    if (!/^[a-z][a-z-]*$/.test(name))
      return `sbatch has "${name}", which is no long option of sbatch (without its dashes)`;
    if (!OWN.has(name)) continue;
    const instead = OWN.get(name);
    return `sbatch.${name} is ${instead === undefined ? 'set by the launcher itself: leave it out' : `the option \`${instead}\`: write it there`}`;
  }
  return undefined;
}

/** What sbatch is given for every job. */
export function resourceFlags({ account, partition, gpus, time, cpus, memory, sbatch = {} }: SlurmOptions): string[] {
  const gres = gpus && `gpu:${gpus}`;
  const own = { account, partition, time, 'cpus-per-task': cpus, mem: memory, gres };
  const named: Record<string, string | number | boolean | undefined> = { ...own, ...sbatch };
  return Object.entries(named).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}=${value}`];
  });
}

/** How many GPUs a job asks for. */
export function gpuCount(gpus: SlurmOptions['gpus']): number {
  return gpus === undefined ? 0 : Number(String(gpus).split(':').at(-1));
}

/** A time as sbatch and sinfo write it, in minutes; infinite for `infinite`, NaN for what is none. */
export function minutesOf(time: string | number): number {
  if (/^(infinite|unlimited)$/i.test(String(time))) return Infinity;
  const [, days, rest] = /^(?:(\d+)-)?([\d:]+)$/.exec(String(time)) ?? [];
  if (rest === undefined) return NaN;
  const parts = rest.split(':').map(Number);
  if (days !== undefined) return minutes(Number(days), ...parts);
  if (parts.length === 3) return minutes(0, ...parts);
  const [whole = 0, seconds = 0] = parts; // M or M:S
  return whole + seconds / 60;
}

function minutes(days: number, hours = 0, mins = 0, seconds = 0): number {
  return days * 1440 + hours * 60 + mins + seconds / 60;
}
