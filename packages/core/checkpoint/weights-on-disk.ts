import { statSync } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import type { Module } from '../nn/module.ts';
import { mismatches, Parameters, type StateDict } from '../nn/parameters.ts';
import { Random } from '../random/random.ts';
import { contentHash } from './content-hash.ts';
import { eachFinite } from './finite.ts';
import { withoutCounters } from './parts.ts';
import { hasStandIn, standInWeights } from './stand-ins.ts';
import type { WeightsFiles } from './weights-files.ts';
import { readWeights } from './weights.ts';

const FIRST = 'initial weights';
/** What PyTorch puts in front of all names of a network trained on several GPUs. */
const PARALLEL = /^module\./;

/** The files of the disk; for those that are missing in a rehearsal, the module's initial weights. */
export const weightsOnDisk: WeightsFiles = {
  key(file) {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat?.isFile()) return `${file} ${stat.size} ${stat.mtimeMs}`;
    if (hasStandIn(file, FIRST)) return `${file}, missing`;
    throw new UserError(`There is no weights file ${file}.`);
  },
  read(file, module, what, ignored) {
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
    return eachFinite(file, found);
  },
};

/** Equal for files of equal content. */
export function weightsIdentity(file: string): string {
  return hasStandIn(file, FIRST) ? `${file}, missing` : contentHash(file);
}

function firstWeights(module: Module): StateDict {
  const parameters = new Parameters(module, new Random(0));
  const state = parameters.stateDict();
  parameters.dispose();
  return state;
}
