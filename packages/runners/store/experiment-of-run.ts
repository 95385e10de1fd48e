import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { loadExperiment, type Experiment, type Plugin } from '@dualprior/core';
import { importPlugins } from '../plugins/import-plugins.ts';
import { experimentFile } from './run-directory.ts';

/**
 * The experiment of a run directory, with the plugins that it names imported.
 * @param set laid on it, as `--set` is
 * Errors: `UserError` if the folder is no run; `ConfigError` for an experiment that is not valid, and for plugins that are not there or lie in the directory itself.
 */
export async function experimentOfRun(
  run: string,
  { set = [] }: { set?: readonly string[] } = {},
): Promise<Experiment> {
  const file = experimentFile(run);
  await importPlugins(file, { set, refusal: (plugin) => refusal(plugin, realpathSync(run)) });
  return loadExperiment(file, { set });
}

/** A run names its plugins by absolute paths. Whoever gives a run directory away could put code into it, which is not imported. */
function refusal({ name, file, place }: Plugin, run: string): string | undefined {
  const isFromSet = !place.source.isFile;
  const real = existsSync(file) ? realpathSync(file) : file;
  if (isFromSet || (isAbsolute(name) && !real.startsWith(join(run, '/')))) return undefined;
  return `the run directory names code of its own, ${name}, which is not run: if you trust it, put it elsewhere and name it by its absolute path`;
}
