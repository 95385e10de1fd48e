import { counted, didYouMean, UserError } from '@dualprior/core';
import { sinfo, SlurmError, checkSbatch, type Partition } from './commands.ts';
import { gpuCount, minutesOf, type SlurmOptions } from './options.ts';

/** What sbatch says, and which option is behind it. */
const REMEDIES: readonly (readonly [said: RegExp, remedy: string])[] = [
  [/configuration source/i, 'This machine belongs to no cluster, or SLURM_CONF names none: start from a login node.'],
  [/submit limit|MaxSubmit|job limit/i, 'Wait until some of your jobs have ended; the same command submits the rest.'],
  [
    /partition/i,
    'Set `launcher.partition` (and `launcher.account`, if that partition wants one): `sinfo -s` lists partitions.',
  ],
  [/account|association/i, 'Set `launcher.account`: `sacctmgr show associations user=$USER` lists yours.'],
  [/qos/i, 'Set `launcher.sbatch: {qos: NAME}`.'],
  [/gres|generic resource|gpu/i, 'Set `launcher.gpus` to what `sinfo -o "%P %G"` lists.'],
  [/memory/i, 'Lower `launcher.memory`: `sinfo -o "%P %m"` lists what nodes have.'],
  [/time limit/i, 'Lower `launcher.time`: `sinfo -o "%P %l"` lists the longest times.'],
  [/feature|constraint/i, 'Change `launcher.sbatch: {constraint: ...}`: `sinfo -o "%P %f"` lists features.'],
  [
    /node configuration|not available/i,
    'No node has so many `cpus`, so much `memory` or so many `gpus`: `sinfo -o "%P %c %m %G"` lists them.',
  ],
  [/array/i, 'The cluster allows smaller arrays only (MaxArraySize): run fewer variants at a time.'],
  [
    /unrecognized option|invalid option|ambiguous/i,
    'See `launcher.sbatch`: its names are the long options of sbatch, without dashes.',
  ],
];

/** Asks Slurm; what it refuses becomes a `UserError`. */
export async function forUsers<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SlurmError) throw new UserError(refusal(error));
    throw error;
  }
}

/** An answer of Slurm, with what to do about it. */
function refusal(error: SlurmError): string {
  if (error.isLost) {
    return (
      `Slurm's controller (slurmctld) does not answer: ${error.said}\n` +
      '  Jobs that were submitted continue. The same command continues when it answers again.'
    );
  }
  const said = error.said.replaceAll(/^(sbatch|squeue|sinfo|scancel): (error|fatal): /gm, '');
  const [, remedy] = REMEDIES.find(([pattern]) => pattern.test(said)) ?? [];
  return `Slurm refuses: ${said}${remedy === undefined ? '' : `\n  ${remedy}`}`;
}

/** Errors: `UserError` for what no partition of the cluster can give, also where Slurm would leave the jobs waiting forever; there is no Slurm. */
export async function checkCluster(options: SlurmOptions): Promise<void> {
  await checkSbatch();
  const partitions = await sinfo();
  const name = options.partition;
  const chosen =
    name === undefined ? partitions.filter(({ isDefault }) => isDefault) : partitionsNamed(name, partitions);
  const wrong = chosen.length > 0 ? tooMuch(options, chosen) : undefined;
  if (wrong !== undefined) throw new UserError(wrong);
}

/** @param name one, or several with commas */
function partitionsNamed(name: string, all: readonly Partition[]): Partition[] {
  return name.split(',').map((each) => {
    const found = all.find((partition) => partition.name === each);
    if (found) return found;
    const names = all.map((partition) => partition.name);
    const hint = didYouMean(each, names);
    throw new UserError(
      `launcher.partition: the cluster has no partition "${each}"${hint ? ` (${hint})` : ''}. It has ${names.join(', ') || 'none'}.`,
    );
  });
}

function tooMuch({ gpus, cpus, time }: SlurmOptions, partitions: readonly Partition[]): string | undefined {
  const names = partitions.map(({ name }) => `"${name}"`).join(' and ');
  const [mostGpus, mostCpus] = [
    Math.max(...partitions.map((each) => each.gpus)),
    Math.max(...partitions.map((each) => each.cpus)),
  ];
  if (gpuCount(gpus) > mostGpus) {
    return `launcher.gpus is ${gpus}, but nodes of the partition ${names} have ${mostGpus === 0 ? 'none' : `at most ${counted(mostGpus, 'GPU')}`}.`;
  }
  if ((cpus ?? 0) > mostCpus) {
    return `launcher.cpus is ${cpus}, but nodes of the partition ${names} have at most ${counted(mostCpus, 'core')}.`;
  }
  const longest = partitions.reduce((best, each) => (minutesOf(each.time) > minutesOf(best.time) ? each : best));
  if (time !== undefined && minutesOf(time) > minutesOf(longest.time)) {
    return `launcher.time is ${time}, but jobs of the partition ${names} may run for ${longest.time} at most.`;
  }
  return undefined;
}
