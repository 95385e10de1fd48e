import { existsSync } from 'node:fs';
import {
  ConfigError,
  loadExperiment,
  standInForMissingFiles,
  weightsFileOf,
  type ComponentSpec,
  type Experiment,
} from '@dualprior/core';

export interface Rehearsed {
  readonly experiment: Experiment;
  /** The experiment as it is written, but for environment variables that are not set. */
  readonly written: Experiment;
  /** What was missing and what stands in its place, a line each, for people. More may be added while components are made. */
  readonly standIns: Set<string>;
  /** From then on a missing file is an error again. */
  end(): void;
}

/** Side of drawn images where the data set does not say one. */
const SIDE = 256;
/** How many images are drawn, beside those held out. */
const DRAWN = 64;

/**
 * The experiment without what only a whole run needs: nothing is tracked, validated or measured as it trains, drawn images stand in for
 * folders that are missing, first weights for weights files, squares of a usual face for landmarks.
 */
export function loadRehearsal(file: string, set: readonly string[]): Rehearsed {
  const standIns = new Set<string>();
  const env: NodeJS.ProcessEnv = { ...process.env };
  const load = (own: readonly string[]) => loadExperiment(file, { set: [...own, ...set], env });
  standInForMissingFiles((line) => standIns.add(line));
  const written = withVariables(env, () => load([]));

  const own = ['tracking=null', ...settingsForMissing(written, (line) => standIns.add(line))];
  for (const [name, spec] of written.entries('stages')) {
    for (const option of ['validation', 'quality']) {
      if (spec[option] !== undefined) own.push(`stages.${name}.${option}=null`);
    }
  }
  return { experiment: load(own), written, standIns, end: () => standInForMissingFiles(undefined) };
}

/** Values of `--set`: drawn images for folders that are missing, first weights for weights files, no files of statistics. */
export function settingsForMissing(written: Experiment, told: (line: string) => void): string[] {
  const settings: string[] = [];
  for (const [name, spec] of written.entries('data')) {
    const missing = [spec['root'], spec['list']].find((path) => typeof path === 'string' && !existsSync(path));
    if (missing === undefined) continue;
    settings.push(`data.${name}=${drawn(spec)}`);
    told(`drawn images for the data set "${name}", as there is no ${String(missing)}`);
  }
  for (const [name, { weights }] of written.entries('networks')) {
    const file = weightsFileOf(weights)?.file;
    if (file === undefined || existsSync(file)) continue;
    settings.push(`networks.${name}.weights=null`);
    told(`first weights for the network "${name}", as there is no ${file}`);
  }
  for (const [name, { statistics }] of written.entries('metrics')) {
    if (typeof statistics !== 'string' || existsSync(statistics)) continue;
    settings.push(`metrics.${name}.statistics=null`);
    told(`the sharp test images for the metric "${name}", as there is no ${statistics}`);
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

function drawn({ size, limit, holdOut, seed, degradation }: ComponentSpec): string {
  const held = Number(holdOut ?? 0);
  const count = held + Math.min(Number(limit ?? DRAWN), DRAWN);
  return JSON.stringify({ type: 'avatars', size: size ?? SIDE, limit: count, holdOut: held, seed, degradation });
}
