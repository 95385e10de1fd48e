import { Document, isScalar, visit } from 'yaml';
import { catalogue } from '../component/catalogue.ts';
import type { Component } from '../component/component.ts';
import { componentsIn } from '../component/components-in.ts';
import { withOptions, type ComponentSpec } from '../component/spec.ts';
import { mapValues, transform, transformOptions, type Visitor } from '../component/transform.ts';
import { parseNetworkReference } from '../component/network-reference.ts';
import { Credentials } from '../credentials/credentials.ts';
import { escapeEnvironment } from './environment.ts';
import { hashOf, Identities, networkRoles } from './identity.ts';
import { toReference, type Reference } from './references.ts';
import { EXPERIMENT, SECTION_NAMES, SECTIONS, type Section } from './schema.ts';
import { showPlace, type Origin, type Place } from './source.ts';

/** An experiment with everything filled in: a plain value. Its sections keep the order of the file. */
export interface ExperimentConfig extends Readonly<Record<Section, Readonly<Record<string, ComponentSpec>>>> {
  readonly name: string;
  /** Files, absolute. */
  readonly plugins?: readonly string[];
  readonly seed: number;
  readonly runtime: {
    readonly device: 'auto' | 'cpu' | 'gpu';
    readonly compile: boolean;
    readonly recompute: boolean;
    readonly xla?: boolean;
    /** Undefined: on the processor (`host`). */
    readonly degrade?: 'host' | 'device';
    /** Undefined: one a core. */
    readonly threads?: number;
    /** Undefined: as the machine's cores suggest. */
    readonly workers?: number;
  };
  /** Null where the experiment only trains. */
  readonly evaluation: { readonly data: string; readonly batch: number; readonly images: number } | null;
  /** Null: nowhere. See `Experiment.trackers`. */
  readonly tracking: ComponentSpec | readonly ComponentSpec[] | null;
  /** What `report.html` holds beside the results themselves, if the experiment says. */
  readonly report?: ComponentSpec;
  /** Where the stages of a sweep are trained, if the experiment says. */
  readonly launcher?: ComponentSpec;
  /** Absolute path of the folder of trained stages, if it is not the default. */
  readonly store?: string;
}

/** What `Experiment.with` changes. */
interface Reseeded {
  readonly name?: string;
  readonly seed?: number;
  /** By stage. */
  readonly stageSeeds?: Readonly<Record<string, number>>;
}

/** A validated experiment: what `loadExperiment` returns. */
export class Experiment {
  /** 12 hex digits, of everything that changes the results of the run. */
  readonly hash: string;
  readonly #identities: Identities;
  readonly #origins: WeakMap<object, Origin>;

  constructor(
    /** Absolute path. */
    readonly file: string,
    readonly config: ExperimentConfig,
    origins: WeakMap<object, Origin> = new WeakMap(),
    /** For the servers of which `config` holds the addresses. */
    readonly credentials = new Credentials(),
  ) {
    this.#origins = origins;
    const runtime: Partial<ExperimentConfig['runtime']> | undefined = config.runtime; // of a file with mistakes it may be missing
    const degrade = runtime?.degrade;
    this.#identities = new Identities(config, config.seed, (spec) => this.origin(spec), degrade);
    this.hash = hashOf(EXPERIMENT, withoutNull(config), this.#besides(degrade));
  }

  get name(): string {
    return this.config.name;
  }

  get seed(): number {
    return this.config.seed;
  }

  /** Where the run is shown: each tracker of another type. */
  get trackers(): readonly ComponentSpec[] {
    return [this.config.tracking ?? []].flat();
  }

  /** The seed of a stage: its own, else that of the experiment, or `otherwise`. */
  stageSeed(name: string, otherwise = this.seed): number {
    return (withOptions(this.entry('stages', name))['seed'] as number | undefined) ?? otherwise;
  }

  /** The same experiment under another name, with another seed, or with stages that have a seed of their own. */
  with({ name = this.name, seed = this.seed, stageSeeds = {} }: Reseeded): Experiment {
    const own = (stage: string, spec: ComponentSpec): ComponentSpec => {
      if (stageSeeds[stage] === undefined) return spec;
      const copy = { ...spec, seed: stageSeeds[stage] };
      const origin = this.#origins.get(spec);
      if (origin) this.#origins.set(copy, origin);
      return copy;
    };
    const stages = mapValues(this.config.stages, (spec, stage) => own(stage, spec));
    return new Experiment(this.file, { ...this.config, name, seed, stages }, this.#origins, this.credentials);
  }

  /** The experiment as a stage sees it: with the seed of the stage, from which its networks' initial weights and all that it draws follow. */
  forStage(name: string): Experiment {
    const seed = this.stageSeed(name);
    if (seed === this.seed) return this;
    return this.with({ seed, stageSeeds: mapValues(this.config.stages, (_, stage) => this.stageSeed(stage)) });
  }

  /** The components of a section by name, in the order of the file. */
  entries(section: Section): ReadonlyMap<string, ComponentSpec> {
    return new Map(Object.entries(this.config[section]));
  }

  /** Errors: there is no such entry. */
  entry(section: Section, name: string): ComponentSpec {
    const spec = Object.hasOwn(this.config[section], name) ? this.config[section][name] : undefined;
    if (!spec) throw new Error(`The experiment has no "${name}" in ${section}.`);
    return spec;
  }

  /** What an entry refers to itself, each once. `STAGE.NAME` is a reference to the stage. */
  references(section: Section, name: string): Reference[] {
    const found = new Map<string, Reference>();
    const visitor: Visitor = {
      component: (kind, spec) => transformOptions(kind, spec, visitor),
      reference: (target, text) => void found.set(`${target} ${text}`, toReference(target, text)),
    };
    transformOptions(SECTIONS[section], this.entry(section, name), visitor);
    return [...found.values()];
  }

  /**
   * The components of a kind in the options of an entry, however deep; of those in one another the innermost.
   * @param outside a kind in whose components is not looked
   */
  components(section: Section, name: string, kind: string, outside?: string): ComponentSpec[] {
    return componentsIn(SECTIONS[section], this.entry(section, name), kind, outside);
  }

  /**
   * The components that an entry is made of, however deep, with those that it refers to: `network nafnet`, `loss psnr`. Of the stages before
   * it only the networks that it takes from them.
   */
  componentsOf(section: Section, name: string): Map<string, Component> {
    const found = new Map<string, Component>();
    const visit = (kind: string, spec: ComponentSpec): void => {
      found.set(`${kind} ${spec.type}`, catalogue.find(kind, spec.type)!);
      transformOptions(kind, spec, visitor);
    };
    const visitor: Visitor = {
      component: (kind, spec) => visit(kind, spec),
      reference: (target, text) => {
        if (target === 'networks') visit('network', this.entry('networks', parseNetworkReference(text).network));
        else visit(SECTIONS[target as Section], this.entry(target as Section, text));
      },
    };
    visit(SECTIONS[section], this.entry(section, name));
    return found;
  }

  /** The files that declare its components: what another process must import to know them. */
  componentFiles(): string[] {
    const found = new Set<string>();
    const visitor: Visitor = {
      component: (kind, spec) => {
        found.add(catalogue.find(kind, spec.type)!.file);
        return transformOptions(kind, spec, visitor);
      },
      reference: () => undefined,
    };
    transform(EXPERIMENT, withoutNull(this.config), visitor);
    return [...found];
  }

  /** The weights files that it names, with the options that do: `networks.generator.weights`. */
  weightsFiles(): Map<string, string[]> {
    const found = new Map<string, string[]>();
    const visitor: Visitor = {
      component: (kind, spec, path) => transformOptions(kind, spec, visitor, path),
      reference: () => undefined,
      file: (name, path, isWeights) => {
        if (isWeights) found.set(name, [...(found.get(name) ?? []), path]);
      },
    };
    transform(EXPERIMENT, withoutNull(this.config), visitor);
    return found;
  }

  /** The stages that must have ended before an entry can be used, also those that its networks begin with. */
  stagesBefore(section: Section, name: string): string[] {
    const found = this.references(section, name).flatMap((each) => {
      if (each.section === 'stages') return [each.name];
      return each.section === 'networks' ? this.stagesBefore('networks', each.name) : [];
    });
    return [...new Set(found)];
  }

  /** The same and everything that these depend on, however far behind; each before those that it depends on. */
  stagesBehind(section: Section, name: string, found = new Set<string>()): ReadonlySet<string> {
    for (const stage of this.stagesBefore(section, name)) {
      if (!found.has(stage)) this.stagesBehind('stages', stage, found.add(stage));
    }
    return found;
  }

  /** The options of a stage or method that refer to networks, with the references: `generator` -> `invert.generator`. */
  networkRoles(section: 'stages' | 'methods', name: string): Map<string, string> {
    return networkRoles(SECTIONS[section], this.entry(section, name));
  }

  /**
   * 16 hex digits, of all that the entry depends on; equal for equal results, whatever the entries are called.
   * Errors: `ConfigError` for a file or folder that it depends on and that cannot be read.
   * @param seed instead of the experiment's
   */
  identity(section: Section, name: string, seed = this.seed): string {
    return this.#identities.of(section, name, {}, seed);
  }

  /** The same of a part of the entry only (`Declaration.part`): of the sharp images of a data set, say. */
  identityOfPart(section: Section, name: string, part: string): string {
    return this.#identities.of(section, name, { part });
  }

  /** What `identity` was in versions for which all of a data set counted, whatever was read of it. Errors: as there. */
  formerIdentity(section: Section, name: string): string {
    return this.#identities.of(section, name, { former: true });
  }

  /** Where a component of `config` was written, or one of its options; of an option that was not, where the component was. */
  origin(spec: ComponentSpec, option = 'type'): Place | undefined {
    const origin = this.#origins.get(spec);
    return origin?.options.get(option) ?? origin?.type;
  }

  /** `file:line:column` of the same. */
  place(spec: ComponentSpec): string | undefined {
    const origin = this.origin(spec);
    return origin && showPlace(origin);
  }

  /** What the hash depends on beside `config`: seeds of stages that are not the experiment's, by name, and degrading on a device; undefined where there is neither. */
  #besides(degrade: 'host' | 'device' | undefined): object | undefined {
    const found = Object.keys(this.config.stages).flatMap((name): [string, number | string][] => {
      const seed = this.stageSeed(name);
      return seed === this.seed ? [] : [[name, seed]];
    });
    if (degrade === 'device') found.push(['runtime.degrade', degrade]); // no stage has a name with a point
    return found.length === 0 ? undefined : Object.fromEntries(found);
  }

  /**
   * The experiment as a file that stands alone and can be run again.
   * @param store the folder of trained stages, where the experiment names none
   */
  toYaml(store?: string): string {
    const { tracking, evaluation, ...config } = this.config;
    const rest = store === undefined ? config : { ...config, store };
    const empty = SECTION_NAMES.filter((section) => Object.keys(this.config[section]).length === 0);
    const entries = Object.entries({ ...rest, ...(evaluation && { evaluation }), tracking });
    const document = new Document(Object.fromEntries(entries.filter(([key]) => !empty.includes(key as Section))));
    visit(document, {
      Scalar: (_key, node) => {
        if (typeof node.value === 'string') node.value = escapeEnvironment(node.value);
      },
      Seq: (_key, node) => {
        node.flow = node.items.every(isScalar);
      },
    });
    document.commentBefore = ' All defaults and paths filled in; runs again as it is.';
    return document.toString({ lineWidth: 0 });
  }
}

function withoutNull(config: object): object {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
}
