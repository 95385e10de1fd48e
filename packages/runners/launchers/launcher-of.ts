import { Container, type Experiment } from '@dualprior/core';
import { launchers, type Launcher } from './launcher.ts';
import { LocalLauncher } from './local.ts';

/** The launcher that an experiment asks for; one process at a time where it asks for none. */
export function launcherOf(experiment: Experiment): Launcher {
  const { launcher } = experiment.config;
  return launcher
    ? new Container(experiment).create<Launcher>(launchers.name, launcher)
    : new LocalLauncher({ processes: 1 });
}
