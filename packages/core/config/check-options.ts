import { catalogue } from '../component/catalogue.ts';
import { COMPONENT, REFERENCE } from '../component/kind.ts';
import { ADDRESS, MODULE, PATH } from '../component/path-option.ts';
import { ALONE, asSchema, choices, itemSchema, recordValues, shapeOf, type Schema } from '../component/schema.ts';
import { componentOf, describeSchema, showValue } from '../component/words.ts';
import { isWeightsFile } from '../component/weights-option.ts';
import { Credentials } from '../credentials/credentials.ts';
import { UserError } from '../errors/user-error.ts';
import { numeric, sameForm } from './forms.ts';
import { kindHint, nameHint, typeHint, typesOf, valueHint, wrappedHint } from './hints.ts';
import { complaints } from './complaints.ts';
import { merge } from './merge.ts';
import { findModule } from './module-path.ts';
import { didYouMean, nearest } from './nearest.ts';
import { isNull, toNode, toValue, type MapNode, type Node, type ScalarNode } from './node.ts';
import { Findings, type Finding } from './findings.ts';
import { ABSENT, FAILED, settle } from './resolve-node.ts';
import type { Origin, Place } from './source.ts';

/** Where a value stands in the experiment. */
interface At {
  /** `stages.restore.batch` */
  readonly path: string;
  /** The key, or what else a user should look at if something is missing here. */
  readonly place: Place;
  /** The entry of a section that this belongs to. */
  readonly owner?: { readonly section: string; readonly name: string };
  /** Names of the complete entries beside it, if it is an entry of a section itself. */
  readonly beside?: readonly string[] | undefined;
}

/** The component that has options. */
interface Owner {
  /** For messages: `stage gan`. */
  readonly name: string;
  readonly renamed?: Readonly<Record<string, string>> | undefined;
}

/** An option that names an entry of a section, as it was found. */
export interface FoundReference {
  readonly at: At;
  readonly section: string;
  readonly text: string;
  readonly place: Place;
  /** Whether a file might stand there as well. */
  readonly orFile: boolean;
}

/**
 * Checks nodes against schemas and gives their plain values: defaults filled in, environment variables read as the
 * schema's type, paths absolute. Everything wrong becomes a finding; nothing is thrown.
 */
export class Checker {
  references: FoundReference[] = [];
  /** Where the components of the result were written. */
  readonly origins = new WeakMap<object, Origin>();
  /** Those that stand in addresses. */
  readonly credentials = new Credentials();

  constructor(
    readonly env: NodeJS.ProcessEnv,
    readonly cwd: string,
    public findings: Findings,
  ) {}

  value(schema: Schema, given: Node, at: At): unknown {
    const node = settle(schema, given, this);
    if (node === ABSENT || node === FAILED) return node;
    switch (shapeOf(schema)) {
      case 'component':
        return this.component(schema[COMPONENT]!, node, at);
      case 'reference':
        return this.#reference(schema, node, at);
      case 'choice':
        return this.#choice(schema, node, at);
      case 'union':
        return this.#union(schema, node, at);
      case 'map':
        return node.kind === 'map' ? this.map(schema, node, at) : this.#wrongType(schema, node, at);
      case 'record':
        return node.kind === 'map' ? this.#record(schema, node, at) : this.#wrongType(schema, node, at);
      case 'list':
      case 'tuple':
        return node.kind === 'list'
          ? this.#list(schema, node.items, node.place, at)
          : this.#wrongType(schema, node, at);
      case 'any':
        return toValue(node);
      case 'scalar':
        if (node.kind !== 'scalar') return this.#wrongType(schema, node, at);
        if (schema[MODULE]) return this.#module(schema, node, at);
        return schema[ADDRESS] ? this.#address(schema, node, at) : this.#leaf(schema, node.value, node, at);
    }
  }

  /** `{type: name, ...options}` */
  component(kind: string, node: Node, at: At): unknown {
    const types = typesOf(kind);
    const called = catalogue.called(kind);
    const allowed = types.length > 0 ? `type: ${types.join(', ')}` : `there is no ${called} in this program`;
    if (node.kind !== 'map') {
      const found = this.#show(node);
      return this.#fail(at, {
        place: node.place,
        message: `${at.path} is not ${componentOf(kind)}`,
        found,
        allowed,
        hint: kindHint(kind, node, types),
      });
    }
    if (!node.entries.has('type')) {
      const inferred = this.#inferred(kind, node, at);
      if (inferred) return inferred === FAILED ? FAILED : this.component(kind, inferred, at);
    }
    const written = node.entries.get('type');
    const type = written && settle({ type: 'string' }, written.value, this);
    if (type === FAILED) return FAILED;
    if (!written || !type || type === ABSENT) {
      const hint = wrappedHint(kind, node) ?? (at.beside && didYouMean(at.owner!.name, at.beside));
      return this.#fail(at, { place: at.place, message: `${at.path} has no type: which ${called}?`, allowed, hint });
    }
    const name = type.kind === 'scalar' ? String(type.value) : undefined;
    const found = name === undefined ? undefined : catalogue.find(kind, name);
    if (!found) {
      const hint = name === undefined ? undefined : typeHint(kind, name, types);
      const message = `${at.path}.type: there is no ${called} of this type`;
      return this.#fail(at, {
        place: written.value.place,
        message,
        found: this.#show(type),
        allowed: types.join(', ') || allowed,
        hint,
      });
    }
    const entries = new Map(node.entries);
    entries.delete('type');
    const options = this.map(
      asSchema(found.declaration.options),
      { ...node, entries },
      { ...at, place: written.value.place, beside: undefined },
      { name: `${called} ${name}`, renamed: found.declaration.renamed },
    );
    if (options === FAILED) return FAILED;
    const spec = { type: name, ...(options as object) };
    const places = [...entries].map(([option, { value }]) => [option, value.place] as const);
    this.origins.set(spec, { type: written.value.place, options: new Map(places) });
    return spec;
  }

  /** A component without type, with the type and the options that one of its own tells; what is written counts before these. */
  #inferred(kind: string, node: MapNode, at: At): MapNode | typeof FAILED | undefined {
    const inference = catalogue.inference(kind);
    const entry = inference && node.entries.get(inference.option);
    if (!entry || isNull(entry.value)) return undefined;
    const [first] = catalogue.components(kind);
    const schema = first && asSchema(first.declaration.options).properties?.[inference.option];
    if (!schema) return undefined;
    const before = this.references;
    this.references = [...before]; // the component's options are checked again, with all others
    const value = this.value(schema, entry.value, { ...at, path: within(at.path, inference.option), place: entry.key });
    this.references = before;
    if (value === ABSENT || value === FAILED) return value === FAILED ? FAILED : undefined;
    try {
      const spec = inference.infer(value);
      return spec && (merge(toNode(spec, entry.value.place), node) as MapNode);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.#fail(at, { place: entry.value.place, message: `${at.path}: ${error.message}` });
    }
  }

  /** The options of a schema, in its order. */
  map(schema: Schema, node: MapNode, at: At, owner?: Owner): unknown {
    const properties = schema.properties ?? {};
    const result: Record<string, unknown> = {};
    let failed = this.#unknown(schema, node, at, owner);
    for (const [name, option] of Object.entries(properties)) {
      const entry = node.entries.get(name);
      const inside: At = { ...at, path: within(at.path, name), place: entry?.key ?? at.place };
      const given = entry && withDefaultType(option, entry.value, inside.place);
      let value = given && !isNull(given) ? this.value(option, given, inside) : ABSENT;
      if (value === ABSENT && 'default' in option)
        value = this.value(option, toNode(option.default, inside.place), inside);
      if (value === ABSENT && schema.required?.includes(name)) {
        value = this.#fail(at, {
          place: inside.place,
          message: `${at.path ? `${at.path}: ` : ''}"${name}" is missing`,
          allowed: describeSchema(option),
          hint: option.description === undefined ? undefined : `${name}: ${option.description}`,
        });
      }
      if (value === FAILED) failed = true;
      else if (value !== ABSENT) result[name] = value;
    }
    if (failed) return FAILED;
    const alone = schema[ALONE];
    return alone !== undefined && Object.keys(result).join() === alone ? result[alone] : result;
  }

  #unknown(schema: Schema, node: MapNode, at: At, owner: Owner | undefined): boolean {
    const names = Object.keys(schema.properties ?? {});
    const strangers = [...node.entries].filter(([name]) => !names.includes(name));
    for (const [name, { key }] of strangers) {
      const allowed = names.length > 0 ? names.join(', ') : 'it has no options';
      const message = `${owner === undefined ? at.path : `${at.path}: ${owner.name}`} has no option "${name}"`;
      const present = owner?.renamed?.[name];
      const renamed = present === undefined ? undefined : `it is now called ${present}`;
      const hint = renamed ?? nameHint(name, names) ?? deeperHint(name, schema, node);
      this.#fail(at, { place: key, message, found: name, allowed, hint });
    }
    return strangers.length > 0;
  }

  #record(schema: Schema, node: MapNode, at: At): unknown {
    const result: [string, unknown][] = [];
    const [pattern] = Object.keys(schema.patternProperties ?? {});
    let failed = false;
    for (const [name, { key, value }] of node.entries) {
      const inside = { ...at, path: within(at.path, name), place: key };
      if (pattern !== undefined && !new RegExp(pattern, 'u').test(name)) {
        this.#fail(at, {
          place: key,
          message: `${at.path}: a key has an invalid format`,
          found: name,
          allowed: `/${pattern}/`,
        });
        failed = true;
      }
      const read = isNull(value) ? ABSENT : this.value(recordValues(schema), value, inside);
      if (read === FAILED) failed = true;
      else if (read !== ABSENT) result.push([name, read]);
    }
    return failed ? FAILED : this.#whole(schema, Object.fromEntries(result), node.place, at);
  }

  #list(schema: Schema, items: readonly Node[], place: Place, at: At): unknown {
    const values = items.map((item, i) => {
      const inside = { ...at, path: `${at.path}[${i}]`, place: item.place };
      if (!isNull(item)) return this.value(itemSchema(schema, i), item, inside);
      return this.#wrongType(itemSchema(schema, i), item, inside);
    });
    if (values.includes(FAILED)) return FAILED;
    return this.#whole(
      schema,
      values.filter((value) => value !== ABSENT),
      place,
      at,
    );
  }

  #whole(schema: Schema, value: unknown, place: Place, at: At): unknown {
    const [complaint] = complaints(schema, value);
    if (complaint === undefined) return value;
    return this.#fail(at, {
      place,
      message: `${at.path} ${complaint}`,
      found: showValue(value),
      allowed: describeSchema(schema),
    });
  }

  #leaf(schema: Schema, raw: ScalarNode['value'], node: ScalarNode, at: At): unknown {
    const value = numeric(schema, raw, node.plain) ?? raw;
    const [complaint] = complaints(schema, value);
    if (complaint === 'has the wrong type') return this.#wrongType(schema, { ...node, value }, at);
    if (complaint !== undefined) {
      return this.#fail(at, {
        place: node.place,
        message: `${at.path} ${complaint}`,
        found: showValue(value),
        allowed: describeSchema(schema),
      });
    }
    if (schema.type === 'integer' && !Number.isSafeInteger(value)) {
      return this.#fail(at, {
        place: node.place,
        message: `${at.path} is too large to be exact`,
        found: showValue(value),
        allowed: `at most ${Number.MAX_SAFE_INTEGER}`,
      });
    }
    return value;
  }

  /** The address of a server, without its credentials. */
  #address(schema: Schema, node: ScalarNode, at: At): unknown {
    const { source, start, end } = node.place;
    if (source.text.slice(start, end).includes('@')) source.hide(start, end);
    try {
      const value = typeof node.value === 'string' ? this.credentials.take(node.value) : node.value;
      return this.#leaf(schema, value, { ...node, value }, at);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.#fail(at, { place: node.place, message: `${at.path}: ${error.message}` });
    }
  }

  #choice(schema: Schema, node: Node, at: At): unknown {
    const allowed = choices(schema)!;
    if (node.kind === 'scalar') {
      const value = allowed.some((choice) => typeof choice === 'number')
        ? (numeric({ type: 'number' }, node.value, node.plain) ?? node.value)
        : node.value;
      if (allowed.includes(value)) return value;
    }
    const names = allowed.filter((choice) => typeof choice === 'string');
    const hint = node.kind === 'scalar' ? didYouMean(String(node.value), names) : undefined;
    return this.#fail(at, {
      place: node.place,
      message: `${at.path} is none of its choices`,
      found: this.#show(node),
      allowed: allowed.map(String).join(', '),
      hint,
    });
  }

  /** The first member that takes the value; if none does, what the only member of its form says about it. */
  #union(schema: Schema, node: Node, at: At): unknown {
    const { findings, references } = this;
    const tries = schema
      .anyOf!.filter((member) => sameForm(member, node))
      .map((member) => {
        [this.findings, this.references] = [new Findings(), [...references]];
        return { value: this.value(member, node, at), findings: this.findings, references: this.references };
      });
    [this.findings, this.references] = [findings, references];
    const right = tries.find(({ value }) => value !== FAILED) ?? (tries.length === 1 ? tries[0] : undefined);
    if (!right) return this.#wrongType(schema, node, at);
    right.findings.all.forEach((finding) => this.findings.add(finding));
    this.references = right.references;
    return right.value;
  }

  #module(schema: Schema, node: ScalarNode, at: At): unknown {
    const name = this.#leaf(schema, node.value, node, at);
    if (typeof name !== 'string') return name;
    const found = findModule(name, node.folder ?? node.place.source.folder);
    if ('file' in found) return found.file;
    return this.#fail(at, {
      place: node.place,
      message: `${at.path}: ${found.problem}`,
      found: name,
      hint: found.hint,
    });
  }

  #reference(schema: Schema, node: Node, at: At): unknown {
    const section = schema[REFERENCE]!;
    if (node.kind !== 'scalar' || typeof node.value !== 'string') {
      const hint = node.kind === 'map' ? `write it as an entry of ${section} and give its name here` : undefined;
      return this.#fail(at, {
        place: node.place,
        message: `${at.path} is not a name`,
        found: this.#show(node),
        allowed: describeSchema(schema),
        hint,
      });
    }
    if (schema[PATH] && isWeightsFile(node.value)) return node.value;
    this.references.push({ at, section, text: node.value, place: node.place, orFile: schema[PATH] === true });
    return node.value;
  }

  #wrongType(schema: Schema, node: Node, at: At): typeof FAILED {
    if (node.kind === 'map' && node.beyond !== undefined) return this.#noSuchItem(node, node.beyond, at);
    const hint = valueHint(schema, node);
    return this.#fail(at, {
      place: node.place,
      message: `${at.path} has the wrong type`,
      found: this.#show(node),
      allowed: describeSchema(schema),
      hint,
    });
  }

  /** `--set a.list.9=x`, where the list is shorter. */
  #noSuchItem({ entries, place }: MapNode, length: number, at: At): typeof FAILED {
    const found = [...entries.keys()].join(', ');
    const allowed = length === 0 ? 'a whole list' : `0 to ${length - 1}`;
    const entry = `the list has ${length} ${length === 1 ? 'entry' : 'entries'}`;
    return this.#fail(at, { place, message: `${at.path} has no entry ${found}`, found, allowed, hint: entry });
  }

  #show(node: Node): string {
    if (node.kind === 'scalar') return isNull(node) ? 'nothing' : showValue(node.value);
    return showValue(toValue(node));
  }

  #fail({ path }: At, finding: Finding): typeof FAILED {
    this.findings.add({ ...finding, path });
    return FAILED;
  }
}

/** The option of this name, or nearly so, inside one of the options: `optimizer.learningRate` for `lr`. */
function deeperHint(name: string, schema: Schema, node: MapNode): string | undefined {
  for (const [option, inner] of Object.entries(schema.properties ?? {})) {
    const near = nearest(name, Object.keys(optionsOf(inner, node.entries.get(option)?.value).properties ?? {}));
    if (near !== undefined) return `did you mean "${option}.${near}"?`;
  }
  return undefined;
}

/** The schema of a map, or of the component that stands there or would by default. */
function optionsOf(schema: Schema, given: Node | undefined): Schema {
  const kind = schema[COMPONENT];
  if (kind === undefined) return shapeOf(schema) === 'map' ? schema : {};
  const written = given?.kind === 'map' ? given.entries.get('type')?.value : undefined;
  const type = written ? toValue(written) : (schema.default as { type?: unknown } | undefined)?.type;
  const component = catalogue.find(kind, String(type));
  return component ? asSchema(component.declaration.options) : {};
}

/** Options without a type are those of the default component. */
function withDefaultType(schema: Schema, node: Node, place: Place): Node {
  if (schema[COMPONENT] === undefined || schema.default === undefined) return node;
  return node.kind === 'map' && !node.entries.has('type') ? merge(toNode(schema.default, place), node) : node;
}

function within(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
