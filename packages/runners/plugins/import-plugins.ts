import { pathToFileURL } from 'node:url';
import {
  catalogue,
  COMPILED,
  ConfigError,
  readPlugins,
  sharePackages,
  type Finding,
  type Plugin,
} from '@dualprior/core';
import { failureOf } from './failure.ts';

/**
 * Imports the plugins that an experiment file names, and nothing else, so that it can be loaded; their components are then in the catalogue.
 * @param refusal why a plugin is not to be imported; by default all are
 * Errors: `ConfigError` for a file that cannot be read, and for plugins that are not there, that fail, or that declare no component.
 */
export async function importPlugins(
  file: string,
  {
    set,
    refusal = () => undefined,
  }: { set?: readonly string[]; refusal?: (plugin: Plugin) => string | undefined } = {},
): Promise<Plugin[]> {
  const plugins = readPlugins(file, { set });
  const findings: Finding[] = [];
  for (const plugin of plugins) {
    const refused = refusal(plugin);
    const problem = refused === undefined ? await importOne(plugin) : { message: refused };
    if (problem) findings.push({ place: plugin.place, path: 'plugins', found: plugin.name, ...problem });
  }
  if (findings.length > 0) throw new ConfigError(findings);
  return plugins;
}

/** What is wrong with a plugin. */
async function importOne({ name, file }: Plugin): Promise<Pick<Finding, 'message' | 'hint'> | undefined> {
  const before = catalogue.files().size;
  await sharePackages(COMPILED?.doors);
  let exported: unknown[];
  try {
    exported = Object.values((await import(pathToFileURL(file).href)) as object);
  } catch (error) {
    const { place, message } = await failureOf(error, file);
    return { message: `the plugin ${name} cannot be imported\n  ${place}: ${message}` };
  }
  // Another plugin may have imported it before.
  if (catalogue.files().size > before || exported.some(isComponent)) return undefined;
  return {
    message: `the plugin ${name} declares no component\n  ${file}`,
    hint: 'components are classes under a decorator of their kind, e.g. @networks.component({...}), in an ES module',
  };
}

function isComponent(value: unknown): boolean {
  return catalogue.kinds().some((kind) => catalogue.components(kind).some(({ create }) => create === value));
}
