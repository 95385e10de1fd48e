import { createHash } from 'node:crypto';
import { didYouMean, UserError, type Log } from '@dualprior/core';
import { editedParts } from '../code/code.ts';
import type { ExperimentCode } from '../code/experiment-code.ts';
import type { StoredStages } from '../store/stored-stages.ts';

/**
 * Has stages trained again, with everything that depends on them, unless they were started by the present code: the same command continues with what it has begun.
 * Errors: `UserError` for a name that is no stage.
 */
export function retrain(names: readonly string[], stages: StoredStages, code: ExperimentCode, log: Log): void {
  const all = [...stages.experiment.entries('stages').keys()];
  for (const name of names) {
    if (!all.includes(name)) {
      const hint = didYouMean(name, all);
      throw new UserError(
        `--retrain ${name}: there is no such stage; there are ${all.join(', ')}${hint ? ` (${hint})` : ''}.`,
      );
    }
    const now = code.ofStage(name);
    const folder = stages.find(name);
    const { complete, code: before } = folder.record;
    if (!complete && folder.progress === undefined) continue;
    if (before?.by === now.by && editedParts(before, now).length === 0) {
      log.info(`  stage ${name} was trained by this code, so it is not trained again`);
      continue;
    }
    stages.retrain(name, createHash('sha256').update(JSON.stringify(now)).digest('hex').slice(0, 16));
  }
}
