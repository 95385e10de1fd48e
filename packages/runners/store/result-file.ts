import { dirname } from 'node:path';
import { readSafetensors, UserError, writeSafetensors, type StateDict } from '@dualprior/core';

/** What a stage leaves of one network. */
export interface TrainedState {
  readonly role: string;
  readonly state: StateDict;
  /** The same names with the numbers of the moving average, where the stage keeps one. */
  readonly average?: StateDict | undefined;
}

/**
 * Writes `best.safetensors` or `last.safetensors`: keys are `ROLE.NAME`, and `ROLE.ema.NAME` for the average.
 * @param metadata what it says beside the tensors
 */
export function writeResult(
  file: string,
  networks: readonly TrainedState[],
  metadata: Readonly<Record<string, string>> = {},
): void {
  const tensors = networks.flatMap(({ role, state, average }) => [
    ...prefixed(role, state),
    ...(average ? prefixed(`${role}.ema`, average) : []),
  ]);
  writeSafetensors(file, new Map(tensors), metadata);
}

/**
 * The network of a role as others get it: the average where there is one. Of the file, nothing else is read.
 * Errors: `UserError` if it is not there or is damaged.
 */
export function readResult(file: string, role: string): StateDict {
  try {
    const { tensors } = readSafetensors(file);
    const average = below(tensors, `${role}.ema.`);
    return average.size > 0 ? average : below(tensors, `${role}.`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${error.message}\n  Put a copy of that file in its place, or remove the folder ${dirname(file)}: the stage is then trained again.`,
    );
  }
}

function prefixed(prefix: string, state: StateDict): StateDict {
  return new Map([...state].map(([name, tensor]) => [`${prefix}.${name}`, tensor]));
}

function below(tensors: StateDict, prefix: string): StateDict {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, { shape, values }]) => [name.slice(prefix.length), { shape, values }]));
}
