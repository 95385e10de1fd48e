import type { Experiment } from '@dualprior/core';

/**
 * Methods that use another network in a role than the stages behind them did, a sentence each: an edit of a stage's `regressor` that forgot the method's.
 * @param trains references of the networks that a stage trains: it hands these on as others
 */
export function otherNetworks(experiment: Experiment, trains: (stage: string) => ReadonlySet<string>): string[] {
  return [...experiment.entries('methods').keys()].flatMap((method) => {
    const own = experiment.networkRoles('methods', method);
    const found = new Map<string, string>();
    for (const stage of experiment.stagesBefore('methods', method)) {
      for (const [role, reference] of experiment.networkRoles('stages', stage)) {
        const used = own.get(role);
        if (used === undefined || used === reference || trains(stage).has(reference) || found.has(role)) continue;
        found.set(role, `methods.${method}.${role} is ${used}, but the stage ${stage} was trained with ${reference}.`);
      }
    }
    return [...found.values()];
  });
}
