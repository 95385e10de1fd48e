import { COMPONENT } from '../component/kind.ts';
import { publishedWeights } from '../component/published-weights.ts';
import type { ComponentSpec } from '../component/spec.ts';
import type { Checker } from './check-options.ts';
import type { ExperimentConfig } from './experiment.ts';
import { nameHint, pathHint } from './hints.ts';
import { didYouMean } from './nearest.ts';
import { isNull, type Entry, type MapNode } from './node.ts';
import type { Findings } from './findings.ts';
import { checkReferences, type EntryNames } from './references.ts';
import { ENTRY_NAME, EXPERIMENT, GENERAL, ROW_NAME, SECTION_NAMES, SECTIONS, type Section } from './schema.ts';
import { ABSENT, FAILED } from './resolve-node.ts';
import type { Place } from './source.ts';

/** Checks the top level of an experiment, section by section, and what holds between the sections. */
export class ExperimentCheck {
  constructor(
    readonly checker: Checker,
    readonly root: MapNode,
    readonly start: Place,
  ) {}

  /** The configuration, which is valid only if there are no findings. */
  config(defaultName: string): ExperimentConfig {
    const sections = Object.fromEntries(SECTION_NAMES.map((section) => [section, this.#section(section)]));
    const checked = this.#general();
    const general = checked ?? {};
    if (!this.#hasUnknownKeys()) this.#purpose(checked !== undefined && checked['evaluation'] === undefined);
    const names = this.#names();
    const wrongStages = names.stages.filter((stage) => !Object.hasOwn(sections['stages']!, stage));
    const visible = this.checker.references.filter(({ section }) => this.#isMap(section));
    checkReferences(visible, names, wrongStages, this.findings);
    const { name = defaultName, seed, runtime, evaluation = null, tracking = null, ...store } = general;
    const config = { name, seed, runtime, ...sections, evaluation, tracking, ...store };
    // The schema has checked it.
    return config as unknown as ExperimentConfig;
  }

  get findings(): Findings {
    return this.checker.findings;
  }

  /** Everything but the sections, or undefined if something there is wrong. */
  #general(): Record<string, unknown> | undefined {
    const known = Object.keys(EXPERIMENT.properties!);
    const entries = new Map<string, Entry>();
    for (const [key, entry] of this.root.entries) {
      if (key in GENERAL.properties!) entries.set(key, entry);
      else if (!isSection(key)) this.#unknownKey(key, entry.key, known);
    }
    const value = this.checker.map(GENERAL, { ...this.root, entries }, { path: '', place: this.root.place });
    if (value === FAILED) return undefined;
    const general = value as Record<string, unknown>;
    if (Array.isArray(general['tracking'])) this.#trackers(general['tracking'] as ComponentSpec[]);
    return general;
  }

  /** A tracker keeps how far it came under the name of its type. */
  #trackers(trackers: readonly ComponentSpec[]): void {
    trackers.forEach((spec, i) => {
      if (trackers.findIndex(({ type }) => type === spec.type) === i) return;
      this.findings.add({
        place: this.checker.origins.get(spec)?.type,
        message: `tracking[${i}].type: there is a tracker of this type already`,
        found: spec.type,
        allowed: 'one tracker of each type',
      });
    });
  }

  /** What is missing may then stand under a misspelt key. */
  #hasUnknownKeys(): boolean {
    return [...this.root.entries.keys()].some((key) => !(key in EXPERIMENT.properties!));
  }

  #unknownKey(key: string, place: Place, known: readonly string[]): void {
    const keys = ['extends', ...known];
    const allowed = keys.join(', ');
    this.findings.add({
      place,
      message: `an experiment has no key "${key}"`,
      found: key,
      allowed,
      hint: nameHint(key, keys) ?? pathHint(key, this.root),
    });
  }

  #section(section: Section): Record<string, ComponentSpec> {
    const entries = this.#entries(section).filter(([name, entry]) => this.#nameFits(section, name, entry));
    const specs = entries.map(([name, entry]): [string, unknown] => {
      const beside = this.#typed(section).filter((other) => other !== name);
      const at = { path: `${section}.${name}`, place: entry.key, owner: { section, name }, beside };
      const spec = this.checker.value({ [COMPONENT]: SECTIONS[section] }, entry.value, at);
      if (spec === ABSENT) this.findings.add({ place: entry.value.place, message: `${at.path} is empty` });
      return [name, spec];
    });
    return Object.fromEntries(specs.filter(([, spec]) => spec !== FAILED && spec !== ABSENT)) as Record<
      string,
      ComponentSpec
    >;
  }

  #entries(section: Section): [string, Entry][] {
    const entry = this.root.entries.get(section);
    if (!entry || isNull(entry.value)) return [];
    if (entry.value.kind === 'map') return [...entry.value.entries];
    const allowed = `lines like "my-${SECTIONS[section]}: {type: ...}"`;
    this.findings.add({
      place: entry.value.place,
      message: `${section} is a map of names to components`,
      found: entry.value.kind === 'list' ? 'a list' : 'a single value',
      allowed,
    });
    return [];
  }

  #nameFits(section: Section, name: string, { key, value }: Entry): boolean {
    if (isNull(value)) {
      const others = this.#names()[section];
      this.findings.add({
        place: key,
        message: `${section}.${name} is empty, and there is none to delete`,
        allowed: others.join(', ') || `a ${SECTIONS[section]} {type: ...}`,
        hint: didYouMean(name, others),
      });
      return false;
    }
    if (section === 'methods' && name === 'input') {
      this.findings.add({
        place: key,
        message: 'a method cannot be called "input": that row is the degraded image itself',
      });
      return false;
    }
    if (section === 'networks' && publishedWeights.find(name)) {
      this.findings.add({ place: key, message: `networks: "${name}" is the name of published weights`, found: name });
      return false;
    }
    const refersByPoint = section !== 'methods' && section !== 'metrics';
    if (new RegExp(refersByPoint ? ENTRY_NAME : ROW_NAME).test(name)) return true;
    const allowed = `letters, digits, "_" and "-"${refersByPoint ? '' : ' and "."'}, beginning with a letter, a digit or "_"; not digits alone`;
    this.findings.add({ place: key, message: `${section}: "${name}" cannot be a name`, found: name, allowed });
    return false;
  }

  /** Where a section is no map, nobody knows its entries. */
  #isMap(section: string): boolean {
    const entry = this.root.entries.get(section);
    return !entry || entry.value.kind === 'map' || isNull(entry.value);
  }

  #names(): EntryNames {
    const names = SECTION_NAMES.map((section) => {
      const node = this.root.entries.get(section)?.value;
      const entries = node?.kind === 'map' ? [...node.entries] : [];
      return [section, entries.filter(([, { value }]) => !isNull(value)).map(([name]) => name)];
    });
    return Object.fromEntries(names) as EntryNames;
  }

  /** Names of the entries that say their type. */
  #typed(section: Section): string[] {
    const node = this.root.entries.get(section)?.value;
    const entries = node?.kind === 'map' ? [...node.entries] : [];
    return entries.filter(([, { value }]) => value.kind === 'map' && value.entries.has('type')).map(([name]) => name);
  }

  /** An experiment trains something, or compares something by something. */
  #purpose(evaluationAbsent: boolean): void {
    const { stages, methods, metrics } = this.#names();
    const evaluation = this.root.entries.get('evaluation');
    const evaluates = evaluation !== undefined && !isNull(evaluation.value) && !evaluationAbsent;
    if (stages.length === 0 && methods.length === 0 && !evaluates) {
      this.findings.add({
        file: this.start.source.name,
        message: 'there is nothing to do: no stages, no methods and no evaluation',
      });
    }
    if (methods.length > 0 && !evaluates) {
      const place = this.root.entries.get('methods')!.key;
      this.findings.add({
        place,
        message: 'there are methods, but no evaluation',
        hint: 'e.g. evaluation: {data: test}',
      });
    }
    if (evaluates && metrics.length === 0) {
      this.findings.add({
        place: evaluation.key,
        message: 'there is an evaluation, but no metrics',
        hint: 'e.g. metrics: {psnr: {type: psnr}}',
      });
    }
  }
}

function isSection(key: string): key is Section {
  return key in SECTIONS;
}
