import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node as YamlNode, type Pair } from 'yaml';
import type { Entry, MapNode, Node, ScalarNode } from './node.ts';
import type { Findings } from './findings.ts';
import { showPlace, type Place, type Source } from './source.ts';
import { syntaxFinding, TOO_DEEP } from './yaml-syntax.ts';

/** More values than any experiment has; aliases of aliases can make billions out of a few lines. */
const MOST_VALUES = 100_000;
/** More levels than any experiment has; all that reads them is recursive. */
const DEEPEST = 100;

/**
 * Reads YAML 1.2 with the place of every value. Aliases and merge keys (`<<`) are resolved, which works within one
 * source. `text` may hold blanks where the source holds what is not YAML. Undefined if the source holds nothing, or nothing that can be read (then a finding says why).
 */
export function parseYaml(source: Source, findings: Findings, text = source.text): Node | undefined {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, strict: true });
  const syntax = syntaxFinding(source, document.errors);
  if (syntax) {
    findings.lose(syntax);
    return undefined;
  }
  return document.contents === null ? undefined : new Reader(source, document, findings).read(document.contents);
}

class Reader {
  readonly #done = new Map<YamlNode, { node: Node; size: number }>();
  readonly #open = new Set<YamlNode>();
  #tooLarge = false;

  constructor(
    readonly source: Source,
    readonly document: Document.Parsed,
    readonly findings: Findings,
  ) {}

  read(yaml: YamlNode): Node {
    return this.#read(yaml).node;
  }

  #read(yaml: YamlNode): { node: Node; size: number } {
    const known = this.#done.get(yaml);
    if (known) return known;
    const place = this.#place(yaml);
    if (this.#open.has(yaml)) {
      this.findings.lose({ place, message: 'this value contains itself' });
      return { node: nothing(place), size: 1 };
    }
    if (this.#open.size > DEEPEST) {
      this.findings.lose({ place, message: TOO_DEEP, allowed: `${DEEPEST} levels` });
      return { node: nothing(place), size: 1 };
    }
    this.#open.add(yaml);
    const result = this.#convert(yaml, place);
    this.#open.delete(yaml);
    if (result.size > MOST_VALUES && !this.#tooLarge) {
      this.#tooLarge = true;
      this.findings.lose({ place, message: `this stands for more than ${MOST_VALUES} values` });
    }
    const kept = result.size > MOST_VALUES ? { node: nothing(place), size: 1 } : result;
    this.#done.set(yaml, kept);
    return kept;
  }

  #convert(yaml: YamlNode, place: Place): { node: Node; size: number } {
    if (isAlias(yaml)) return this.#alias(yaml.source, yaml.resolve(this.document), place);
    if (isMap(yaml)) return this.#map(yaml.items as Pair<YamlNode, YamlNode | null>[], place);
    if (isSeq(yaml)) {
      const items = (yaml.items as (YamlNode | null)[]).map((item) =>
        item ? this.#read(item) : { node: nothing(place), size: 1 },
      );
      return { node: { kind: 'list', place, items: items.map(({ node }) => node) }, size: total(items) };
    }
    if (!isScalar(yaml)) throw new Error('A YAML node that is neither alias, map, list nor scalar.');
    const { value, type } = yaml;
    const plain = type === 'PLAIN' || value === null;
    const known = typeof value === 'bigint' ? Number(value) : value;
    const scalar: ScalarNode = { kind: 'scalar', place, value: known as ScalarNode['value'], plain };
    const written = plain && typeof known !== 'string' ? yaml.source : undefined;
    return { node: written === undefined ? scalar : { ...scalar, written }, size: 1 };
  }

  #alias(name: string, target: YamlNode | undefined, place: Place): { node: Node; size: number } {
    if (target) return this.#read(target);
    this.findings.lose({
      place,
      message: `"*${name}" refers to no anchor above it`,
      hint: `an anchor is written "&${name}"`,
    });
    return { node: nothing(place), size: 1 };
  }

  #map(pairs: readonly Pair<YamlNode, YamlNode | null>[], place: Place): { node: Node; size: number } {
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    let size = 1;
    for (const pair of pairs) {
      const key = this.#key(pair.key);
      if (!key) continue;
      const { node, size: count } = pair.value ? this.#read(pair.value) : { node: nothing(key.place), size: 1 };
      size += count;
      if (key.merge) this.#merge(node, key.place, merged);
      else if (own.has(key.name)) this.#duplicate(key.name, key.place, own.get(key.name)!.key);
      else own.set(key.name, { key: key.place, value: node });
    }
    const entries = new Map([...merged].filter(([name]) => !own.has(name)).concat([...own]));
    return { node: { kind: 'map', place, entries }, size };
  }

  #key(key: YamlNode | null): { name: string; place: Place; merge: boolean } | undefined {
    if (key && isScalar(key)) {
      const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
      return { name, place: this.#place(key), merge: name === '<<' && key.type === 'PLAIN' };
    }
    if (key) this.findings.add({ place: this.#place(key), message: 'a key must be a plain text' });
    return undefined;
  }

  /** YAML's merge key: the entries of one map or several, the first of which wins; all are weaker than the map's own. */
  #merge(node: Node, place: Place, into: Map<string, Entry>): void {
    const maps = node.kind === 'list' ? node.items : [node];
    const wrong = maps.find(({ kind }) => kind !== 'map');
    if (wrong) {
      this.findings.add({ place, message: '"<<" takes a map or a list of maps', hint: 'e.g. "<<: *anchor"' });
    }
    for (const map of maps.filter((each): each is MapNode => each.kind === 'map')) {
      for (const [name, entry] of map.entries) if (!into.has(name)) into.set(name, entry);
    }
  }

  #duplicate(name: string, place: Place, first: Place): void {
    const { line } = first.source.position(first.start);
    this.findings.add({
      place,
      message: `"${name}" is written twice here`,
      hint: `the first is in line ${line}: ${showPlace(first)}`,
    });
  }

  #place(yaml: YamlNode): Place {
    const [start, end] = yaml.range ?? [0, 0];
    return { source: this.source, start, end };
  }
}

function nothing(place: Place): Node {
  return { kind: 'scalar', place, value: null, plain: true };
}

function total(parts: readonly { size: number }[]): number {
  return parts.reduce((sum, { size }) => sum + size, 1);
}
