import { createHash } from 'node:crypto';
import { contentHash } from '../checkpoint/content-hash.ts';
import { catalogue } from '../component/catalogue.ts';
import { IDENTITY } from '../component/path-option.ts';
import type { Schema } from '../component/schema.ts';
import type { ComponentSpec } from '../component/spec.ts';
import { transform, transformOptions, type Visitor } from '../component/transform.ts';
import { UserError } from '../errors/user-error.ts';
import { parseNetworkReference, toReference } from './references.ts';
import { ConfigError } from './problem.ts';
import { SECTIONS, type Section } from './schema.ts';
import type { Place } from './source.ts';

type Entries = Readonly<Record<Section, Readonly<Record<string, ComponentSpec>>>>;

const keep = (option: Schema) => option[IDENTITY] !== false;

/**
 * Hashes of what entries depend on: their own settings without those that change no result, the version of their
 * components, the same of all that they refer to, and the seed. The names of entries have no part in it, so renaming costs no training.
 */
export class Identities {
  readonly #known = new Map<string, string>();

  constructor(
    readonly entries: Entries,
    readonly seed: number,
    private readonly origin: (spec: ComponentSpec) => Place | undefined = () => undefined,
  ) {}

  /** Errors: `ConfigError` for a file or folder that the entry or what it refers to depends on and that cannot be read. */
  of(section: Section, name: string): string {
    const key = `${section}.${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const spec = this.entries[section][name];
    if (!spec) throw new Error(`There is no entry "${name}" in ${section}.`);
    const identity = digest({ seed: this.seed, ...this.#content(SECTIONS[section], spec, key) }).slice(0, 16);
    this.#known.set(key, identity);
    return identity;
  }

  /** @param at where the component stands, e.g. `stages.restore.loss` */
  #content(kind: string, spec: ComponentSpec, at: string): object {
    const declaration = catalogue.find(kind, spec.type)?.declaration;
    const content = declaration?.content && this.#read(at, spec, () => declaration.content!(spec));
    const visitor: Visitor = {
      keep,
      component: (inner, part, path) => this.#content(inner, part, path),
      reference: (section, text) => this.#reference(section, text),
      file: (name, path) =>
        content === undefined ? { content: this.#read(path, spec, () => contentHash(name)) } : undefined,
    };
    const options = transformOptions(kind, spec, visitor, at);
    const version = declaration?.version ?? declaration?.versionOf?.(spec);
    return { kind, type: spec.type, version, content, options };
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

  #reference(section: string, text: string): unknown {
    const target = toReference(section, text);
    const identity = this.of(target.section, target.name);
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

/** Hash of a checked value without the options that change no result; references count as written. */
export function hashOf(schema: Schema, value: unknown): string {
  const visitor: Visitor = {
    keep,
    component: (kind, spec, path) => ({ type: spec.type, ...transformOptions(kind, spec, visitor, path) }),
    reference: (_section, text) => text,
  };
  return digest(transform(schema, value, visitor)).slice(0, 12);
}

function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
