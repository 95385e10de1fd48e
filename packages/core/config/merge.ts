import { isNull, type Entry, type ListNode, type MapNode, type Node } from './node.ts';

/**
 * `over` laid on `base`: maps merge deeply, but a changed `type` replaces the whole component; lists and scalars
 * replace; `null` deletes. A `null` that deletes nothing stays, so that the check can say so. Entries keep the order of `base`, but a map
 * of a file that names all of them gives its own.
 */
export function merge(base: Node, over: Node): Node {
  if (base.kind === 'list' && over.kind === 'map' && over.path)
    return mergeItems(base, over) ?? { ...over, beyond: base.items.length };
  if (base.kind !== 'map' || over.kind !== 'map' || typeChanged(base, over)) return over;
  const reordered = !over.path && [...base.entries.keys()].every((name) => over.entries.has(name));
  const entries = new Map<string, Entry>(reordered ? [] : base.entries);
  for (const [name, entry] of over.entries) {
    const below = base.entries.get(name);
    if (below && isNull(entry.value)) entries.delete(name);
    else entries.set(name, below ? { key: entry.key, value: merge(below.value, entry.value) } : entry);
  }
  return { ...base, place: over.place, entries };
}

function typeChanged(base: MapNode, over: MapNode): boolean {
  const [before, after] = [base, over].map((map) => map.entries.get('type')?.value);
  if (before?.kind !== 'scalar' || after?.kind !== 'scalar') return false;
  return before.value !== after.value;
}

/** `--set a.list.0=x`: the item, where the list has it. */
function mergeItems(base: ListNode, over: MapNode): ListNode | undefined {
  const items = [...base.items];
  for (const [name, { value }] of over.entries) {
    const index = Number(name);
    const item = /^\d+$/.test(name) ? items[index] : undefined;
    if (!item) return undefined;
    items[index] = merge(item, value);
  }
  return { ...base, items };
}
