import { createHash } from 'node:crypto';
import { contentHash } from '../checkpoint/content-hash.ts';
import { catalogue } from '../component/catalogue.ts';
import { IDENTITY } from '../component/path-option.ts';
import type { Schema } from '../component/schema.ts';
import { withOptions, type ComponentSpec, type SpecWithOptions } from '../component/spec.ts';
import { transform, transformOptions, type Visitor } from '../component/transform.ts';
import { parseNetworkReference } from '../component/network-reference.ts';
import { UserError } from '../errors/user-error.ts';
import { toReference } from './references.ts';
import { ConfigError } from './findings.ts';
import { SECTIONS, type Section } from './schema.ts';
import type { Place } from './source.ts';

type Entries = Readonly<Record<Section, Readonly<Record<string, ComponentSpec>>>>;

/** What counts of an entry. */
interface Reading {
  /** The only part of it that is read (`Declaration.part`). */
  readonly part?: string | undefined;
  /** As it was in versions before 0.2, for which all of a data set counted, whatever was read of it. */
  readonly former?: boolean | undefined;
  /** Whether a device computes degradations: it rounds otherwise. */
  readonly onDevice?: true | undefined;
}

const keep = (option: Schema) => option[IDENTITY] !== false;

/**
 * Hashes of what entries depend on: their own settings without those that change no result, the version of their
 * components, the same of all that they refer to, and the seed. The names of entries have no part in it, so renaming costs no training.
 * Where stages degrade on a device, that counts for the degradations that they refer to.
 */
export class Identities {
  readonly #known = new Map<string, string>();
  /** What counts of the files of a component. */
  readonly #contents = new Map<ComponentSpec, string>();

  constructor(
    readonly entries: Entries,
    readonly seed: number,
    private readonly origin: (spec: ComponentSpec) => Place | undefined = () => undefined,
    private readonly degrade: 'host' | 'device' = 'host',
  ) {}

  /**
   * Errors: `ConfigError` for a file or folder that the entry or what it refers to depends on and that cannot be read.
   * @param reading what of it counts
   * @param asked the seed of what refers to the entry; a stage has its own, else the experiment's
   */
  of(section: Section, name: string, asking: Reading = {}, asked = this.seed): string {
    const reading = section === 'stages' && this.degrade === 'device' ? { ...asking, onDevice: true as const } : asking;
    const path = `${section}.${name}`;
    const seed = section === 'stages' ? this.#stageSeed(name) : asked;
    const key = `${path} ${seed} ${JSON.stringify(reading)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const spec = this.entries[section][name];
    if (!spec) throw new Error(`There is no entry "${name}" in ${section}.`);
    const content = this.#content(SECTIONS[section], spec, path, { ...reading, seed });
    const computed = section === 'degradations' && reading.onDevice ? { on: 'device' } : {};
    const identity = digest({ seed, ...content, ...computed }).slice(0, 16);
    this.#known.set(key, identity);
    return identity;
  }

  #stageSeed(name: string): number {
    const spec = this.entries.stages[name];
    return (spec && (withOptions(spec)['seed'] as number | undefined)) ?? this.seed;
  }

  /** @param at where the component stands, e.g. `stages.restore.loss` */
  #content(kind: string, whole: ComponentSpec, at: string, reading: Reading & { readonly seed: number }): object {
    const declaration = catalogue.find(kind, whole.type)?.declaration;
    const content = declaration?.content && this.#contentOf(whole, at, declaration.content.bind(declaration));
    const { part, former, onDevice, seed } = reading;
    const read = part === undefined ? undefined : declaration?.part?.(part, withOptions(whole));
    const spec: ComponentSpec = read ? { ...read, type: whole.type } : whole;
    const visitor: Visitor = {
      keep,
      formerly: true,
      component: (inner, each, path) => this.#content(inner, each, path, { former, onDevice, seed }),
      reference: (section, text, _path, own = part) =>
        this.#reference(section, text, { ...(former ? { former } : { part: own }), onDevice }, seed),
      file: (name, path) =>
        content === undefined ? { content: this.#read(path, whole, () => contentHash(name)) } : undefined,
    };
    const options = transformOptions(kind, spec, visitor, at);
    const version = declaration?.version ?? declaration?.versionOf?.(withOptions(spec));
    return { kind, type: spec.type, version, content, options };
  }

  #contentOf(spec: ComponentSpec, at: string, content: (options: SpecWithOptions) => string): string {
    const known = this.#contents.get(spec) ?? this.#read(at, spec, () => content(withOptions(spec)));
    this.#contents.set(spec, known);
    return known;
  }

  /** @param path of the option, or of the component, that is to blame if it cannot be read */
  #read(path: string, spec: ComponentSpec, read: () => string): string {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new ConfigError([{ place: this.origin(spec), message: `${path}: ${error.message}` }]);
    }
  }

  #reference(section: string, text: string, reading: Reading, seed: number): unknown {
    const target = toReference(section, text);
    const identity = this.of(target.section, target.name, reading, seed);
    if (section !== 'networks' || target.section !== 'stages') return { section, identity };
    const { network } = parseNetworkReference(text);
    return { stage: identity, role: roleOf('stage', this.entries.stages[target.name]!, network) };
  }
}

/** The options of a stage or method that refer to networks, with the references: `generator` -> `invert.generator`. */
export function networkRoles(kind: 'stage' | 'method', spec: ComponentSpec): Map<string, string> {
  const roles = new Map<string, string>();
  const visitor: Visitor = {
    component: (inner, part, path) => transformOptions(inner, part, visitor, path),
    reference: (section, text, path) => {
      if (section === 'networks') roles.set(path, text);
    },
  };
  transformOptions(kind, spec, visitor);
  return roles;
}

/** The first role in which a stage has the network of this name. */
function roleOf(kind: 'stage' | 'method', spec: ComponentSpec, network: string): string | undefined {
  return [...networkRoles(kind, spec)].find(([, text]) => parseNetworkReference(text).network === network)?.[0];
}

/** Hash of a checked value without the options that change no result; references count as written. @param more what counts beside it */
export function hashOf(schema: Schema, value: unknown, more?: object): string {
  const visitor: Visitor = {
    keep,
    formerly: true,
    component: (kind, spec, path) => ({ type: spec.type, ...transformOptions(kind, spec, visitor, path) }),
    reference: (_section, text) => text,
  };
  const counted = transform(schema, value, visitor);
  return digest(more ? { ...(counted as object), more } : counted).slice(0, 12);
}

function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
