import { statSync } from 'node:fs';
import {
  CONTENT,
  contentHash,
  mismatches,
  Parameters,
  pathOption,
  Random,
  readWeights,
  refuseNotFinite,
  UserError,
  withoutCounters,
  type Module,
  type StateDict,
} from '@dualprior/core';
import { Type } from '@sinclair/typebox';
import { hasStandIn, standInWeights } from '../stand-ins.ts';

/** Options of an extractor whose official weights come from a file; `file` is the official file. */
export function weightsOptions(file: string) {
  return Type.Object({
    weights: pathOption({
      description: `official weights, .pth or .safetensors with the official names (${file})`,
      [CONTENT]: true,
    }),
  });
}

const FIRST = 'first weights';

/** Equal as long as the file is. Errors: `UserError` if there is no such file. */
export function weightsKey(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile()) return `${file} ${stat.size} ${stat.mtimeMs}`;
  if (hasStandIn(file, FIRST)) return `${file}, missing`;
  throw new UserError(`There is no weights file ${file}.`);
}

/** Equal for files of equal content. */
export function weightsIdentity(file: string): string {
  return hasStandIn(file, FIRST) ? `${file}, missing` : contentHash(file);
}

/** What PyTorch puts in front of all names of a network trained on several GPUs. */
const PARALLEL = /^module\./;

/**
 * The tensors of a weights file for a module, without thop's counters and those whose names match `ignored`; `module.` in front of names is
 * taken off.
 * Errors: `UserError` naming the file if it is damaged, with all names that are missing or unknown, or with a tensor that is not finite.
 */
export function readOwnWeights(file: string, module: Module, what: string, ignored: RegExp): StateDict {
  if (hasStandIn(file, FIRST)) return standInWeights(file, firstWeights(module));
  const named = [...withoutCounters(readWeights(file)).tensors].map(
    ([name, tensor]) => [name.replace(PARALLEL, ''), tensor] as const,
  );
  const found = new Map(named.filter(([name]) => !ignored.test(name)));
  const problems = mismatches(module, found);
  if (problems.length > 0) {
    throw new UserError(
      `${file} holds no weights of ${what}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  }
  refuseNotFinite(file, found);
  return found;
}

function firstWeights(module: Module): StateDict {
  const parameters = new Parameters(module, new Random(0));
  const state = parameters.stateDict();
  parameters.dispose();
  return state;
}
