import { merge } from './merge.ts';
import type { Node } from './node.ts';
import { Findings } from './findings.ts';
import { Source } from './source.ts';
import { isPath, nested } from './sweep/paths.ts';
import { parseYaml } from './yaml.ts';

/**
 * The tree of all `--set a.b.c=VALUE` together, to be laid on the files: their order does not matter unless they
 * set the same thing. VALUE is YAML; nothing after `=` is null, which deletes.
 */
export function parseSets(sets: readonly string[], folder: string, findings: Findings): Node | undefined {
  return sets
    .map((text, i) => parseSet(new Source(`--set #${i + 1}`, text, folder, false), findings))
    .filter((node) => node !== undefined)
    .reduce<Node | undefined>((all, one) => (all ? combine(all, one) : one), undefined);
}

/** Far more than anyone types, in characters. */
const LONGEST = 10_000;

function parseSet(source: Source, findings: Findings): Node | undefined {
  if (source.text.length > LONGEST) {
    const message = `longer than ${LONGEST} characters`;
    findings.add({ place: { source, start: 0, end: 1 }, message, hint: 'put it in a file, which `extends` the other' });
    return undefined;
  }
  const equals = source.text.indexOf('=');
  const path = equals < 0 ? source.text : source.text.slice(0, equals);
  const place = { source, start: 0, end: path.length };
  if (equals < 0 || !isPath(path)) {
    const hint = /^[+~]/.test(path)
      ? 'a.b.c=VALUE sets what is there and adds what is not; a.b.c= removes'
      : 'e.g. --set stages.restore.batch.size=4';
    findings.add({ place, message: 'not of the form a.b.c=VALUE', hint });
    return undefined;
  }
  // Blanks in place of the path keep the columns of the value right.
  const value = ' '.repeat(equals + 1) + source.text.slice(equals + 1);
  const own = new Findings();
  const leaf = parseYaml(source, own, value) ?? { kind: 'scalar', place, value: null, plain: true };
  own.all.forEach((finding) => findings.add(finding));
  if (own.all.length > 0) return undefined;
  return nested(path, place, leaf);
}

/** Like `merge`, but a `null` stays: it is to delete what the files say. */
function combine(all: Node, one: Node): Node {
  if (all.kind !== 'map' || one.kind !== 'map' || !all.path || !one.path) return merge(all, one);
  const entries = new Map(all.entries);
  for (const [name, entry] of one.entries) {
    const below = entries.get(name);
    entries.set(name, below ? { key: entry.key, value: combine(below.value, entry.value) } : entry);
  }
  return { ...all, entries };
}
