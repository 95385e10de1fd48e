import { counted, shortNames, uniqueName } from '@dualprior/core';
import type { ComparedRun } from './read-run.ts';

/** Runs that differ in their seeds only. */
export interface ComparedVariant {
  /** By what it differs from the first one; `base` for that. */
  readonly name: string;
  /** Path -> value, of each path in which variants differ; absent where it has none. */
  readonly options: ReadonlyMap<string, string>;
  readonly runs: readonly ComparedRun[];
}

/** What changes no result, or is no part of a variant. */
const LEFT_OUT = new Set(['name', 'plugins', 'seed', 'runtime', 'tracking', 'report', 'store', 'launcher']);

export const BASE = 'base';

/** `3 variants, 6 runs` */
export function countOf(variants: readonly ComparedVariant[]): string {
  return `${counted(variants.length, 'variant')}, ${counted(variants.flatMap(({ runs }) => runs).length, 'run')}`;
}

/**
 * The runs by their configurations, in the order in which they were given.
 * @param names of variants, by the paths of their runs; without, a variant is named by what differs
 */
export function variantsOf(runs: readonly ComparedRun[], names?: ReadonlyMap<string, string>): ComparedVariant[] {
  const groups = new Map<string, { config: Flat; runs: ComparedRun[] }>();
  for (const run of runs) {
    const config = flat(run.config);
    const key = JSON.stringify([...config].sort());
    const group = groups.get(key) ?? { config, runs: [] };
    group.runs.push(run);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  const changed = differences(all.map(({ config }) => config));
  const paths = [...new Set(changed.flat())];
  const short = shortNames(paths);
  const taken = new Set<string>();
  return all.map(({ config, runs: own }, i) => {
    const differing = changed[i]!.map((path) => `${short.get(path)}=${shown(config.get(path))}`).join(', ');
    // Long values are shown in short, and may look the same.
    const name = uniqueName(i === 0 ? BASE : (names?.get(own[0]!.path) ?? differing), taken);
    const options = paths.flatMap((path): [string, string][] =>
      config.has(path) ? [[path, shown(config.get(path))]] : [],
    );
    return { name, options: new Map(options), runs: own };
  });
}

/** Path -> value as JSON. A map with a type has its type at its own path. */
type Flat = ReadonlyMap<string, string>;

function flat(config: Readonly<Record<string, unknown>>): Flat {
  const found = new Map<string, string>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return void found.set(path, JSON.stringify(value));
    const { type, ...options } = value as Record<string, unknown>;
    if (typeof type === 'string') found.set(path, JSON.stringify(type));
    const children = Object.entries(typeof type === 'string' ? options : value);
    if (children.length === 0 && typeof type !== 'string') found.set(path, JSON.stringify(value));
    for (const [key, child] of children) visit(child, path === '' ? key : `${path}.${key}`);
  };
  for (const [key, value] of Object.entries(config)) if (!LEFT_OUT.has(key)) visit(value, key);
  // A stage's own seed comes from the seeds of a sweep.
  return new Map([...found].filter(([path]) => !/^stages\.[^.]+\.seed$/.test(path)));
}

/**
 * For each configuration the paths in which it differs from the first one. Where a component is another one, its options count only as far as
 * configurations with the same component differ in them.
 */
function differences(configs: readonly Flat[]): string[][] {
  const [base] = configs;
  return configs.map((config) => {
    const paths = changes(base!, config).flatMap((path) => {
      const alike = configs.filter((other) => other.get(path) === config.get(path));
      return [path, ...alike.flatMap((other) => changes(below(path, config), below(path, other)))];
    });
    return [...new Set(paths)];
  });
}

function below(path: string, config: Flat): Flat {
  return new Map([...config].filter(([other]) => other.startsWith(`${path}.`)));
}

/** Paths in which two configurations differ; of one inside another the outer one. */
function changes(base: Flat, config: Flat): string[] {
  const paths = [...new Set([...base.keys(), ...config.keys()])].filter((path) => base.get(path) !== config.get(path));
  return paths.filter((path) => !paths.some((outer) => path.startsWith(`${outer}.`)));
}

const LONGEST = 24;

function shown(json: string | undefined): string {
  if (json === undefined) return 'nothing';
  const text = json.replaceAll('"', '');
  return text.length <= LONGEST ? text : `…${text.slice(1 - LONGEST)}`;
}
