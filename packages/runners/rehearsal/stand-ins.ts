import { existsSync } from 'node:fs';
import { datasets, drawnInstead, metrics, weightsOf } from '@dualprior/blocks';
import {
  ConfigError,
  loadExperiment,
  loadSweep,
  standInForMissingFiles,
  weightsFileOf,
  type Experiment,
  type Sweep,
} from '@dualprior/core';
import { stages } from '../stages/stage.ts';

export interface Rehearsed {
  readonly experiment: Experiment;
  /** The experiment as it is written, but for environment variables that are not set. */
  readonly written: Experiment;
  /** What was missing and what stands in its place, a line each, for display. More may be added while components are made. */
  readonly standIns: Set<string>;
  /** From then on a missing file is an error again. */
  end(): void;
}

/** Which experiment of a file. */
export interface RehearsedFile {
  readonly set: readonly string[];
  readonly sweep?: readonly string[] | undefined;
  readonly only?: string | undefined;
}

/**
 * The experiment without what only a whole run needs: nothing is tracked, validated or measured as it trains, drawn images stand in for
 * folders that are missing, initial weights for weights files, squares of a usual face for landmarks.
 */
export function loadRehearsal(file: string, { set, sweep, only }: RehearsedFile): Rehearsed {
  const standIns = new Set<string>();
  const env: NodeJS.ProcessEnv = { ...process.env };
  const load = (own: readonly string[]) => loadExperiment(file, { set: [...set, ...own], sweep, only, env });
  standInForMissingFiles((line) => standIns.add(line));
  const written = withVariables(env, () => load([]));

  const own = ['tracking=null', ...settingsForMissing(written, (line) => standIns.add(line))];
  for (const [name, spec] of written.entries('stages')) {
    const { validation, selection } = stages.about(spec);
    for (const option of [...validation, ...(selection ? [selection.option] : [])]) {
      if (option.value !== undefined) own.push(`stages.${name}.${option.name}=null`);
    }
  }
  return { experiment: load(own), written, standIns, end: () => standInForMissingFiles(undefined) };
}

/** All experiments of a file, as they are written; environment variables that are not set stand for files that do not exist. */
export function loadVariants(file: string, { set, sweep }: RehearsedFile): Sweep {
  const env: NodeJS.ProcessEnv = { ...process.env };
  return withVariables(env, () => loadSweep(file, { set, sweep, env }));
}

/** Files that declare the components of the experiment, as it is written and as it is rehearsed. */
export function componentFiles({ experiment, written }: Rehearsed): string[] {
  return [...new Set([written, experiment].flatMap((each) => each.componentFiles()))];
}

/** Values of `--set`: drawn images for folders that are missing, initial weights for weights files, no files of statistics. */
export function settingsForMissing(written: Experiment, report: (line: string) => void): string[] {
  const settings: string[] = [];
  for (const [name, spec] of written.entries('data')) {
    const facts = datasets.about(spec);
    const missing = 'files' in facts ? facts.files.find((path) => !existsSync(path)) : undefined;
    if (!('files' in facts) || missing === undefined) continue;
    const { data, degradations } = drawnInstead(facts);
    settings.push(`data.${name}=null`, `data.${name}=${JSON.stringify(data)}`);
    for (const [own, spec] of Object.entries(degradations)) {
      settings.push(`degradations.${own}=${JSON.stringify(spec)}`);
    }
    report(`drawn images for the data set "${name}", as there is no ${missing}`);
  }
  for (const [name, spec] of written.entries('networks')) {
    const file = weightsFileOf(weightsOf(spec))?.file;
    if (file === undefined || existsSync(file)) continue;
    settings.push(`networks.${name}.weights=null`);
    report(`initial weights for the network "${name}", as there is no ${file}`);
  }
  for (const [name, spec] of written.entries('metrics')) {
    const { statistics } = metrics.about(spec);
    if (statistics?.value === undefined || existsSync(statistics.value)) continue;
    settings.push(`metrics.${name}.${statistics.name}=null`);
    report(`the sharp test images for the metric "${name}", as there is no ${statistics.value}`);
  }
  return settings;
}

/** Loads, with the name of a file that does not exist for each environment variable that is not set. */
function withVariables<T>(env: NodeJS.ProcessEnv, load: () => T): T {
  try {
    return load();
  } catch (error) {
    const unset = error instanceof ConfigError ? error.findings.flatMap(({ variable }) => variable ?? []) : [];
    if (unset.length === 0) throw error;
    for (const name of unset) env[name] = `./${name}-is-not-set`;
    return load();
  }
}
