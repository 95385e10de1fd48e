import { ConfigError, UserError, type Experiment, type Finding } from '@dualprior/core';
import type { Static } from '@sinclair/typebox';
import { stageRuntime, type runtimeOption } from '../stages/runtime.ts';

/** Errors: stages whose switches of `runtime` do not go together with each other or with those of the experiment. */
export function checkRuntime(experiment: Experiment): void {
  const findings = [...experiment.entries('stages')].flatMap(([name, spec]): Finding[] => {
    try {
      stageRuntime(experiment.config.runtime, (spec['runtime'] ?? {}) as Static<typeof runtimeOption>);
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [{ place: experiment.origin(spec, 'runtime'), message: `stages.${name}: ${error.message}` }];
    }
  });
  if (findings.length > 0) throw new ConfigError(findings);
}
