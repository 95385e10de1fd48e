import type { Place } from './source.ts';

/** A value of an experiment file that knows where it was written, also after merging. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: string | number | boolean | null;
  /** Written without quotes. */
  readonly plain: boolean;
  /** As it stands in the file, where that is not the value itself: `007`. */
  readonly written?: string;
  /** Set once its environment variables are filled in: the folder from which a path in it counts. */
  readonly folder?: string;
}

export interface ListNode {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly Node[];
}

export interface MapNode {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Made of the left side of a `--set`: whole numbers as keys then mean the items of a list. */
  readonly path?: boolean;
  /** The length of the list in which it names an item that is not there. */
  readonly beyond?: number;
}

export interface Entry {
  /** Where the key stands. */
  readonly key: Place;
  readonly value: Node;
}

export function isNull(node: Node): node is ScalarNode & { value: null } {
  return node.kind === 'scalar' && node.value === null;
}

/** A node for a plain value that nobody wrote (a default), said to stand at `place`. */
export function toNode(value: unknown, place: Place): Node {
  if (Array.isArray(value)) return { kind: 'list', place, items: value.map((item) => toNode(item, place)) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]): [string, Entry] => [
      key,
      { key: place, value: toNode(item, place) },
    ]);
    return { kind: 'map', place, entries: new Map(entries) };
  }
  return { kind: 'scalar', place, value: value as ScalarNode['value'], plain: true };
}

/** The plain value of a node. */
export function toValue(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toValue);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toValue(value)]));
}
