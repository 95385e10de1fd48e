import type { Dataset } from '@dualprior/blocks';
import { ConfigError, type Container, type Experiment, type Finding, type Log } from '@dualprior/core';
import { dataOf } from '../stages/stage-facts.ts';
import { stages } from '../stages/stage.ts';

/**
 * Checks `runtime.degrade: device`; warns where no stage degrades images. Errors: the degradation of a stage's training images is not one that
 * devices compute.
 */
export function checkDegrade(experiment: Experiment, container: Container, log: Log): void {
  if (experiment.config.runtime.degrade !== 'device') return;
  const uses = [...experiment.entries('stages')].flatMap(([stage, spec]) => {
    const { data, purpose } = stages.about(spec);
    return purpose === 'prior' ? [] : dataOf(data).map((use) => ({ ...use, stage, spec })); // which learns from sharp images
  });
  const made = uses
    .map((use) => ({ ...use, dataset: container.get<Dataset>('data', use.data) }))
    .filter(({ dataset }) => dataset.degraded === 'made');
  const findings = made
    .filter(({ dataset }) => !dataset.drawBlur)
    .map(({ stage, spec, option, data }): Finding => ({
      place: experiment.origin(spec, option),
      message:
        `stages.${stage}.${option}: runtime.degrade is device, but a device computes \`motion-blur\` alone, ` +
        `and "${data}" has another degradation, or several`,
      hint: 'leave runtime.degrade out',
    }));
  if (findings.length > 0) throw new ConfigError(findings);
  if (made.length === 0) log.warn('runtime.degrade: device does nothing: no stage degrades training images.');
}
