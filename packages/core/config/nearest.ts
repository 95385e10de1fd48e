import { distance } from 'fastest-levenshtein';

/** No name is longer; what is, is no name with a typo. */
const LONGEST = 64;

/** The name that was most likely meant: one of which at most a third of the letters differ, else the one that it abbreviates. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  const near = [...names]
    .map((candidate) => ({ candidate, typos: typos(plain(name), plain(candidate)) }))
    .filter(({ candidate, typos: count }) => count <= Math.max(name.length, candidate.length) / 3)
    .sort((a, b) => a.typos - b.typos);
  return near[0]?.candidate ?? [...names].find((candidate) => initials(candidate) === name.toLowerCase());
}

/** `did you mean "width"?`, or undefined where nothing is near. */
export function didYouMean(name: string, names: Iterable<string>): string | undefined {
  const best = nearest(name, names);
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

/** Letters to change, add or drop; two neighbours that changed places are one. */
function typos(name: string, candidate: string): number {
  const swapped = Array.from(
    { length: Math.max(0, name.length - 1) },
    (_, i) => name.slice(0, i) + name.charAt(i + 1) + name.charAt(i) + name.slice(i + 2),
  );
  return Math.min(distance(name, candidate), ...swapped.map((text) => distance(text, candidate) + 1));
}

/** `lr` of `learningRate`, or nothing for a name of one word. */
function initials(name: string): string | undefined {
  const words = name.split(/[-_ .]|(?=[A-Z])/);
  return words.length > 1 ? words.map((word) => word.charAt(0).toLowerCase()).join('') : undefined;
}

/** Case and separators are not what a user gets wrong in a name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ .]/g, '');
}
