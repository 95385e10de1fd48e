import type { Dataset } from '@dualprior/blocks';
import { ConfigError, UserError, type Container, type Experiment, type Finding } from '@dualprior/core';

/** Errors: lists of data sets that name images which are not in their folders, as far as these are there. All at once. */
export function checkLists(experiment: Experiment, container: Container): void {
  const findings = [...experiment.entries('data')].flatMap(([name, spec]): Finding[] => {
    try {
      container.get<Dataset>('data', name).checkList?.();
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [{ place: experiment.origin(spec, 'list'), message: `data.${name}.list: ${error.message}` }];
    }
  });
  if (findings.length > 0) throw new ConfigError(findings);
}
