import { asSchema } from '../component/schema.ts';
import { Checker } from './check-options.ts';
import { isNull, toValue } from './node.ts';
import { ConfigError, Findings } from './findings.ts';
import { PLUGINS } from './schema.ts';
import type { Place } from './source.ts';
import { readFiles, type LoadOptions } from './sweep/read-files.ts';

/** A module that an experiment names in `plugins`: it declares components when it is imported. */
export interface Plugin {
  /** As it was written. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly place: Place;
}

/**
 * The plugins of an experiment file, with all that it extends and `set` laid on it. They must be imported before the experiment is loaded,
 * which checks the types of its components. Errors: `ConfigError` for a file that cannot be read, or a plugin that is not there.
 */
export function readPlugins(file: string, options: LoadOptions = {}): Plugin[] {
  const findings = new Findings();
  const { root, env, cwd } = readFiles(file, options, findings);
  const entry = root.entries.get('plugins');
  if (!entry || isNull(entry.value)) return [];
  const own = new Findings();
  const files = new Checker(env, cwd, own).value(asSchema(PLUGINS), entry.value, { path: 'plugins', place: entry.key });
  if (own.all.length > 0) throw new ConfigError(own.all);
  if (entry.value.kind !== 'list') return [];
  const nodes = entry.value.items;
  return (files as string[]).map((path, i) => ({
    name: String(toValue(nodes[i]!)),
    file: path,
    place: nodes[i]!.place,
  }));
}
