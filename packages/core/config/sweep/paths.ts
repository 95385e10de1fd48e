import type { MapNode, Node } from '../node.ts';
import type { Place } from '../source.ts';

/** `stages.fuse.loss.terms.2.weight`; without the `+` and `~` that Hydra has for what is new and what goes. */
export function isPath(text: string): boolean {
  return /^(?![+~])[^.\s]+(\.[^.\s]+)*$/.test(text);
}

/** A path and a value as nested maps; each knows its stretch of the path. @param place of the path as it was written, quotes included */
export function nested(path: string, place: Place, leaf: Node): MapNode {
  const { source } = place;
  const quote = place.end - place.start > path.length ? 1 : 0;
  let end = place.start + quote + path.length;
  let node = leaf;
  for (const name of path.split('.').reverse()) {
    const key = { source, start: end - name.length, end };
    node = { kind: 'map', place: key, entries: new Map([[name, { key, value: node }]]), path: true };
    end -= name.length + 1;
  }
  return node as MapNode;
}

/** For each path the shortest of its ends that no other has, by path: `weight` of `stages.fuse.loss.weight`; an index goes with what it is of. */
export function shortNames(paths: readonly string[]): Map<string, string> {
  const ends = (path: string) => {
    const names = path.split('.');
    return names.map((_, i) => names.slice(names.length - 1 - i).join('.')).filter((end) => !/^\d/.test(end));
  };
  return new Map(
    paths.map((path) => {
      const others = paths.filter((other) => other !== path);
      const own = ends(path).find((end) => !others.some((other) => `.${other}`.endsWith(`.${end}`)));
      return [path, own ?? path];
    }),
  );
}
