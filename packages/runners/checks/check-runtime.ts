import { ConfigError, UserError, type Experiment, type Finding } from '@dualprior/core';
import { stageRuntime } from '../stages/runtime.ts';
import { stages } from '../stages/stage.ts';

/** Errors: stages whose switches of `runtime` do not go together with each other or with those of the experiment. */
export function checkRuntime(experiment: Experiment): void {
  const findings = [...experiment.entries('stages')].flatMap(([name, spec]): Finding[] => {
    const { runtime } = stages.about(spec);
    try {
      stageRuntime(experiment.config.runtime, runtime?.value ?? {});
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [{ place: experiment.origin(spec, runtime?.name), message: `stages.${name}: ${error.message}` }];
    }
  });
  if (findings.length > 0) throw new ConfigError(findings);
}
