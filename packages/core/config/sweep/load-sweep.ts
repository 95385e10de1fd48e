import { factsOf } from '../../component/kind.ts';
import type { ComponentSpec } from '../../component/spec.ts';
import { Checker } from '../check-options.ts';
import { Experiment } from '../experiment.ts';
import { ExperimentCheck } from '../experiment-check.ts';
import { merge } from '../merge.ts';
import { didYouMean } from '../nearest.ts';
import { toNode, type MapNode } from '../node.ts';
import { Findings } from '../findings.ts';
import { readEdits, readSeeds, type Edit, type Seeds } from './read-sweep.ts';
import { readFiles, type LoadOptions } from './read-files.ts';
import { UserError } from '../../errors/user-error.ts';
import { uniqueName } from '../../log/unique-name.ts';

export interface SweepOptions extends LoadOptions {
  /** `PATH=V1,V2` or `PATH=[V1, V2]`, as given to `--sweep`. */
  readonly sweep?: readonly string[] | undefined;
  /** Name of the one experiment that is wanted. */
  readonly only?: string | undefined;
}

/** One experiment of a sweep. */
export interface Variant {
  /** What differs from the experiment as it stands, for display: `weight=0, width=16`, or a name of the file; empty for the experiment itself. */
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
export function loadSweep(file: string, options: SweepOptions = {}): Sweep {
  const { findings, edits, seeds, load, seeded } = readSweep(file, options);
  const base = load();
  const loaded = edits.map((edit) => ({ edit, experiment: load(edit) }));
  findings.throwIfAny();
  const different = differing(base, loaded, findings);
  const shared = seeds ? sharedStages(base, seeds, findings) : [];
  findings.throwIfAny();
  const values = seeds?.values ?? [base.seed];
  const all = [{ edit: undefined, experiment: base }, ...different];
  const variants = all.flatMap(({ edit, experiment }) =>
    values.map((seed) => ({
      name: edit?.name ?? '',
      changes: edit?.changes ?? {},
      experiment: seeded(experiment, edit, seed, shared),
    })),
  );
  return { base, variants, seeds: values, shared };
}

/**
 * One experiment of a file: the base with the first seed, or the one that `only` names. Other variants are not looked at.
 * Errors: `ConfigError` with everything that is wrong; `UserError` if there is no such variant.
 */
export function loadOne(file: string, options: SweepOptions = {}): Experiment {
  const { findings, edits, seeds, load, seeded, nameOf } = readSweep(file, options);
  const base = load();
  findings.throwIfAny();
  if (options.only === undefined) return base;
  const all = [undefined, ...edits].flatMap((edit) => (seeds?.values ?? [base.seed]).map((seed) => ({ edit, seed })));
  const chosen = all.find(({ edit, seed }) => nameOf(base, edit, seed) === options.only);
  if (!chosen) {
    const names = all.map(({ edit, seed }) => nameOf(base, edit, seed));
    const hint = didYouMean(options.only, names);
    throw new UserError(
      `--only: there is no experiment "${options.only}" in ${file}${hint ? ` (${hint})` : ''}. There are ${names.join(', ')}.`,
    );
  }
  const experiment = chosen.edit ? load(chosen.edit) : base;
  const shared = seeds ? sharedStages(base, seeds, findings) : [];
  findings.throwIfAny();
  return seeded(experiment, chosen.edit, chosen.seed, shared);
}

function readSweep(file: string, options: SweepOptions) {
  const findings = new Findings();
  const { root: whole, path, name, start, env, cwd } = readFiles(file, options, findings);
  const general = new Checker(env, cwd, findings);
  const seeds = readSeeds(whole, general);
  const edits = readEdits(whole, options.sweep ?? [], cwd, general);
  findings.throwIfLost();
  const root = without(whole, 'seeds', 'sweep', ...(seeds ? ['seed'] : []));

  const load = (edit?: Edit): Experiment => {
    const edited = (edit?.nodes ?? []).reduce<MapNode>((below, over) => merge(below, over) as MapNode, root);
    const first = seeds ? merge(edited, toNode({ seed: seeds.values[0] }, start)) : edited;
    const check = new ExperimentCheck(new Checker(env, cwd, findings), first as MapNode, start);
    const config = check.config(name);
    return new Experiment(path, config, check.checker.origins, check.checker.credentials);
  };

  const labels = uniqueLabels([undefined, ...edits]);
  const nameOf = (base: Experiment, edit: Edit | undefined, seed: number) => {
    const several = (seeds?.values.length ?? 1) > 1;
    return [base.name, ...(edit ? [labels.get(edit)!] : []), ...(several ? [`seed-${seed}`] : [])].join('-');
  };
  const seeded = (experiment: Experiment, edit: Edit | undefined, seed: number, shared: readonly string[]) => {
    const first = seeds?.values[0] ?? seed;
    const stageSeeds = seed === first ? {} : seedsOf(experiment, shared, first);
    return experiment.with({ name: nameOf(experiment, edit, seed), seed, stageSeeds });
  };
  return { findings, edits, seeds, load, nameOf, seeded };
}

/** Variants that are not the base again. Errors (as findings): two that are equal in all that results depend on. */
function differing(base: Experiment, loaded: readonly Loaded[], findings: Findings): Loaded[] {
  const known = new Map([[base.hash, { name: 'the experiment itself', isBase: true }]]);
  return loaded.filter(({ edit, experiment }) => {
    const same = known.get(experiment.hash);
    if (!same) {
      known.set(experiment.hash, { name: `"${edit.name}"`, isBase: false });
      return true;
    }
    if (!(edit.inGrid && same.isBase)) {
      const message = `the variant "${edit.name}" is ${same.name}: it changes nothing that results depend on`;
      findings.add({ place: edit.place, message, found: JSON.stringify(edit.changes) });
    }
    return false;
  });
}

interface Loaded {
  readonly edit: Edit;
  readonly experiment: Experiment;
}

/** The stages that are trained once for all seeds, with those that they depend on. */
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
  const chosen = shared
    ? shared.map(({ name }) => name).filter((name) => stages.includes(name))
    : stages.filter((name) => trainsPrior(base.entry('stages', name)));
  const found = new Set(chosen.flatMap((name) => [name, ...base.stagesBehind('stages', name)]));
  return stages.filter((name) => found.has(name));
}

/** By what a stage answers to its kind (`StageFacts`). */
function trainsPrior(spec: ComponentSpec): boolean {
  const facts = factsOf('stage', spec) as { readonly purpose?: unknown } | undefined;
  return facts?.purpose === 'prior';
}

/** The seeds of the shared stages that a variant has. */
function seedsOf(experiment: Experiment, shared: readonly string[], seed: number): Record<string, number> {
  const own = shared.filter((name) => experiment.entries('stages').has(name));
  return Object.fromEntries(own.map((name) => [name, experiment.stageSeed(name, seed)]));
}

/** The maximum length of the names of runs, which become folders. */
const LONGEST = 60;

/** What runs of each variant are called: its name in letters that folders can have, with a number where two are equal. */
function uniqueLabels(edits: readonly (Edit | undefined)[]): Map<Edit, string> {
  const labels = new Map<Edit, string>();
  const taken = new Set<string>();
  for (const edit of edits) {
    if (!edit) continue;
    const plain = edit.name
      .replaceAll(/[^A-Za-z0-9_.]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, LONGEST);
    labels.set(
      edit,
      uniqueName(plain, taken, (n) => `${plain}-${n}`),
    );
  }
  return labels;
}

function without(root: MapNode, ...keys: readonly string[]): MapNode {
  return { ...root, entries: new Map([...root.entries].filter(([key]) => !keys.includes(key))) };
}
