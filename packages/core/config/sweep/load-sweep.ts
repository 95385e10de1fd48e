import { catalogue } from '../../component/catalogue.ts';
import { Checker } from '../checker.ts';
import { Experiment } from '../experiment.ts';
import { ExperimentCheck } from '../experiment-check.ts';
import { merge } from '../merge.ts';
import { didYouMean } from '../nearest.ts';
import { toNode, type MapNode } from '../node.ts';
import { Findings } from '../problem.ts';
import { EXPERIMENT_NAME } from '../schema.ts';
import { readEdits, readSeeds, type Edit, type Seeds } from './read-sweep.ts';
import { readFiles, type LoadOptions } from './read-files.ts';

/** One experiment of a sweep. */
export interface Variant {
  /** What differs from the experiment as it stands, for people: `weight=0, width=16`, or a name of the file; empty for the experiment itself. */
  readonly name: string;
  /** Path -> value. */
  readonly changes: Readonly<Record<string, unknown>>;
  readonly experiment: Experiment;
}

/** All experiments that a file asks for: the base and its variants, each once per seed. */
export interface Sweep {
  /** The experiment as it stands, with the first seed. */
  readonly base: Experiment;
  /** All of it, the base first: the seeds of each variant follow each other. */
  readonly variants: readonly Variant[];
  readonly seeds: readonly number[];
  /** Stages that are trained once for all seeds, with the first one. */
  readonly shared: readonly string[];
}

/**
 * Reads an experiment file as `loadExperiment` does, with all variants that its `sweep` and the command line ask for, once per seed.
 * Errors: `ConfigError` with everything that is wrong in any variant.
 */
export function loadSweep(file: string, options: LoadOptions & { readonly sweep?: readonly string[] } = {}): Sweep {
  const findings = new Findings();
  const { root: whole, path, name, start, env, cwd } = readFiles(file, options, findings);
  const general = new Checker(env, cwd, findings);
  const seeds = readSeeds(whole, general) ?? undefined;
  const edits = readEdits(whole, options.sweep ?? [], cwd, general);
  findings.throwIfLost();

  const root = without(whole, 'seeds', 'sweep', ...(seeds ? ['seed'] : []));
  const load = (edit?: Edit): Experiment => {
    const edited = (edit?.nodes ?? []).reduce<MapNode>((below, over) => merge(below, over) as MapNode, root);
    const seeded = seeds ? merge(edited, toNode({ seed: seeds.values[0] }, start)) : edited;
    const check = new ExperimentCheck(new Checker(env, cwd, findings), seeded as MapNode, start);
    const config = check.config(name);
    return new Experiment(path, config, check.checker.origins, check.checker.credentials);
  };
  const base = load();
  const loaded = edits.map((edit) => ({ edit, experiment: load(edit) }));
  findings.throwIfAny();
  const different = differing(base, loaded, findings);
  const shared = seeds ? sharedStages(base, seeds, findings) : [];
  findings.throwIfAny();

  const all = [{ name: '', changes: {}, experiment: base }, ...different];
  const values = seeds?.values ?? [base.seed];
  const variants = all.flatMap((variant) =>
    values.map((seed) => {
      const parts = [...(variant.name ? [variant.name] : []), ...(values.length > 1 ? [`seed ${seed}`] : [])];
      const stageSeeds = seed === values[0] ? {} : seedsOf(variant.experiment, shared, values[0]!);
      const experiment = variant.experiment.with({ name: named(base.name, parts), seed, stageSeeds });
      return { ...variant, experiment };
    }),
  );
  return { base, variants, seeds: values, shared };
}

/** Variants that are not the base again. Errors (as findings): two that are equal in all that results depend on. */
function differing(
  base: Experiment,
  loaded: readonly { readonly edit: Edit; readonly experiment: Experiment }[],
  findings: Findings,
): Variant[] {
  const known = new Map([[base.hash, { name: 'the experiment itself', isBase: true }]]);
  return loaded.flatMap(({ edit, experiment }): Variant[] => {
    const { name, changes, place, inGrid } = edit;
    const same = known.get(experiment.hash);
    if (!same) {
      known.set(experiment.hash, { name: `"${name}"`, isBase: false });
      return [{ name, changes, experiment }];
    }
    if (!(inGrid && same.isBase)) {
      const message = `the variant "${name}" is ${same.name}: it changes nothing that results depend on`;
      findings.add({ place, message, found: JSON.stringify(changes) });
    }
    return [];
  });
}

/** The stages that are trained once for all seeds, with those that they stand on. */
function sharedStages(base: Experiment, { shared }: Seeds, findings: Findings): string[] {
  const stages = [...base.entries('stages').keys()];
  for (const { name, place } of shared ?? []) {
    if (stages.includes(name)) continue;
    findings.add({
      place,
      message: `seeds.shared: there is no stage "${name}"`,
      found: name,
      allowed: stages.join(', '),
      hint: didYouMean(name, stages),
    });
  }
  const isPrior = (name: string) => {
    const { type } = base.entry('stages', name);
    return catalogue.find('stage', type)?.declaration.prior === true;
  };
  const chosen = shared
    ? shared.map(({ name }) => name).filter((name) => stages.includes(name))
    : stages.filter(isPrior);
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    base.stagesBefore('stages', name).forEach(add);
  };
  chosen.forEach(add);
  return stages.filter((name) => found.has(name));
}

/** The seeds of the shared stages that a variant has. */
function seedsOf(experiment: Experiment, shared: readonly string[], seed: number): Record<string, number> {
  const own = shared.filter((name) => experiment.entries('stages').has(name));
  return Object.fromEntries(own.map((name) => [name, experiment.stageSeed(name, seed)]));
}

const LONGEST = 100;

/** The name of a variant's runs: that of the experiment and what differs, in letters that folders can have. */
function named(name: string, parts: readonly string[]): string {
  const slug = [name, ...parts.map((part) => part.replaceAll(/[^A-Za-z0-9_.]+/g, '-').replaceAll(/^-|-$/g, ''))].join(
    '-',
  );
  const short = slug.slice(0, LONGEST);
  return new RegExp(EXPERIMENT_NAME).test(short) ? short : name;
}

function without(root: MapNode, ...keys: readonly string[]): MapNode {
  return { ...root, entries: new Map([...root.entries].filter(([key]) => !keys.includes(key))) };
}
