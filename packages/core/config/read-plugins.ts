import { asSchema } from '../component/schema.ts';
import { Checker } from './check-options.ts';
import { isNull, toValue } from './node.ts';
import { ConfigError, Findings } from './findings.ts';
import { PLUGINS } from './schema.ts';
import type { Place } from './source.ts';
import { ABSENT, listIn, settle } from './resolve-node.ts';
import { readFiles, type LoadOptions } from './sweep/read-files.ts';

/** A module that an experiment names in `plugins`: it declares components when it is imported. */
export interface Plugin {
  /** As it was written. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly place: Place;
}

const TEXT = { type: 'string' };

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
  const checker = new Checker(env, cwd, own);
  const files = checker.value(asSchema(PLUGINS), entry.value, { path: 'plugins', place: entry.key });
  if (own.all.length > 0) throw new ConfigError(own.all);
  const nodes = listIn(entry.value, checker)?.items.filter((node) => settle(TEXT, node, checker) !== ABSENT) ?? [];
  return nodes.map((node, i) => ({ name: String(toValue(node)), file: (files as string[])[i]!, place: node.place }));
}
