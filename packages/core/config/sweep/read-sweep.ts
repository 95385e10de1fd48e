import { asSchema } from '../../component/schema.ts';
import type { Checker } from '../check-options.ts';
import { isNull, toValue, type Entry, type MapNode, type Node } from '../node.ts';
import type { Finding, Findings } from '../findings.ts';
import { Source, type Place } from '../source.ts';
import { ABSENT, FAILED, listIn, mapIn } from '../resolve-node.ts';
import { parseYaml } from '../yaml.ts';
import { isPath, nested, shortNames } from './paths.ts';
import { SEEDS, SWEEP } from './schema.ts';

/** What a file says of its seeds. */
export interface Seeds {
  readonly values: readonly number[];
  /** Undefined: the stages that train a prior. */
  readonly shared: readonly { readonly name: string; readonly place: Place }[] | undefined;
}

/** One edit of the experiment. */
export interface Edit {
  /** For display: `weight=0, width=16`, or the name that the file gives. */
  readonly name: string;
  /** Path -> value, as they were written. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** To be laid on the files. */
  readonly nodes: readonly MapNode[];
  readonly place: Place;
  /** Whether it is a point of the grid: one that changes nothing is the experiment itself. */
  readonly inGrid: boolean;
}

/** Far more than anyone trains. */
const MOST = 1000;

/** Keys of a file that are no setting of a single experiment. */
const NOT_SWEPT = ['extends', 'name', 'plugins', 'seeds', 'sweep'];

/** Undefined where the file has no `seeds`, or where they are wrong (then a finding says why). */
export function readSeeds(root: MapNode, checker: Checker): Seeds | undefined {
  const entry = root.entries.get('seeds');
  if (!entry || isNull(entry.value)) return undefined;
  const at = { path: 'seeds', place: entry.key };
  const checked = checker.value(asSchema(SEEDS), entry.value, at);
  if (checked === FAILED || checked === ABSENT) return undefined;
  const value = checked as number[] | { values: number[]; shared?: string[] };
  const [values, shared] = Array.isArray(value) ? [value] : [value.values, value.shared];
  const node = entry.value.kind === 'map' ? entry.value.entries.get('values')!.value : entry.value;
  const again = values.findIndex((seed, i) => values.indexOf(seed) < i);
  if (again >= 0) {
    const place = node.kind === 'list' ? node.items[again]!.place : node.place;
    checker.findings.add({ place, message: `seeds: ${values[again]} is there twice`, found: String(values[again]) });
  }
  const seed = root.entries.get('seed')?.value.place;
  if (seed && !seed.source.isFile) {
    checker.findings.add({
      place: seed,
      message: 'the experiment has `seeds`, which replace `seed`',
      hint: '--set seeds=[1]',
    });
  }
  const names = entry.value.kind === 'map' ? entry.value.entries.get('shared')?.value : undefined;
  const places = names?.kind === 'list' ? names.items.map(({ place }) => place) : [];
  return { values, shared: shared?.map((name, i) => ({ name, place: places[i] ?? entry.key })) };
}

/** All edits that the file and the command line ask for. What is wrong becomes a finding. @param given `PATH=V1,V2` and `PATH=[V1, V2]` of `--sweep` */
export function readEdits(root: MapNode, given: readonly string[], folder: string, checker: Checker): Edit[] {
  const { findings } = checker;
  const axes = new Map<string, Axis>();
  const named: Edit[] = [];
  const entry = root.entries.get('sweep');
  if (entry && !isNull(entry.value)) {
    const checked = checker.value(asSchema(SWEEP), entry.value, { path: 'sweep', place: entry.key });
    const sweep = checked !== FAILED && checked !== ABSENT ? mapIn(entry.value, checker) : undefined;
    if (sweep) {
      for (const axis of gridOf(sweep, checker)) axes.set(axis.path, axis);
      named.push(...variantsOf(sweep, checker));
    }
  }
  given.forEach((text, i) => {
    const axis = parseAxis(new Source(`--sweep #${i + 1}`, text, folder, false), findings);
    if (axis) axes.set(axis.path, axis);
  });
  return [...combinations([...axes.values()], findings), ...named];
}

/** One path of the grid with its values. */
interface Axis {
  readonly path: string;
  readonly place: Place;
  readonly values: readonly Node[];
}

function gridOf(sweep: MapNode, checker: Checker): Axis[] {
  return entriesOf(sweep, 'grid', checker).flatMap(([path, { key: place, value }]) => {
    const list = checkPath(path, place, checker.findings) && listIn(value, checker);
    return list ? [{ path, place, values: list.items }] : [];
  });
}

function variantsOf(sweep: MapNode, checker: Checker): Edit[] {
  const { findings } = checker;
  return entriesOf(sweep, 'variants', checker).flatMap(([name, { key: place, value }]): Edit[] => {
    const variant = mapIn(value, checker);
    if (!variant) return [];
    const edits = [...variant.entries].filter(([path, { key }]) => checkPath(path, key, findings));
    if (variant.entries.size === 0) {
      findings.add({
        place,
        message: `sweep.variants.${name} changes nothing`,
        hint: 'the experiment itself always runs',
      });
    }
    return [
      {
        name,
        changes: Object.fromEntries(edits.map(([path, { value: leaf }]) => [path, toValue(leaf)])),
        nodes: edits.map(([path, { key, value: leaf }]) => nested(path, key, leaf)),
        place,
        inGrid: false,
      },
    ];
  });
}

/** The entries of a map in the sweep; none where it is not there. */
function entriesOf(sweep: MapNode, name: string, checker: Checker): [string, Entry][] {
  const entry = sweep.entries.get(name);
  return [...((entry && mapIn(entry.value, checker))?.entries ?? [])];
}

function checkPath(path: string, place: Place, findings: Findings): boolean {
  const [first] = path.split('.');
  const problem: Omit<Finding, 'place'> | undefined = !isPath(path)
    ? { message: `"${path}" is no path`, hint: 'names joined by points, e.g. stages.restore.batch.size' }
    : first === 'seed'
      ? { message: 'the seed is no setting to sweep', hint: 'seeds: [0, 1, 2] trains the experiment once per seed' }
      : NOT_SWEPT.includes(first!)
        ? { message: `"${first}" cannot be swept: it belongs to the file` }
        : undefined;
  if (problem) findings.add({ place, found: path, ...problem });
  return problem === undefined;
}

/** `--sweep PATH=V1,V2`: the values are a YAML list, with or without its brackets. */
function parseAxis(source: Source, findings: Findings): Axis | undefined {
  const equals = source.text.indexOf('=');
  const path = equals < 0 ? source.text : source.text.slice(0, equals);
  const place = { source, start: 0, end: Math.max(1, path.length) };
  if (equals < 0 || !isPath(path)) {
    findings.add({ place, message: 'not of the form a.b.c=V1,V2', hint: 'e.g. --sweep networks.nafnet.width=16,32' });
    return undefined;
  }
  if (!checkPath(path, place, findings)) return undefined;
  const text = source.text.slice(equals + 1);
  // Blanks in place of the path keep the columns of the values right.
  const list = /^\s*\[[^]*\]\s*$/.test(text) ? `${' '.repeat(equals + 1)}${text}` : `${' '.repeat(equals)}[${text}]`;
  const node = parseYaml(source, findings, list);
  if (node?.kind !== 'list') return undefined;
  if (node.items.length === 0) findings.add({ place, message: `${path} has no values`, hint: 'e.g. =16,32' });
  return { path, place, values: node.items };
}

/** All combinations of the values, the last path changing fastest. */
function combinations(axes: readonly Axis[], findings: Findings): Edit[] {
  axes.forEach((axis) => checkRepeats(axis, findings));
  const count = axes.reduce((all, { values }) => all * values.length, 1);
  if (axes.length === 0) return [];
  if (count > MOST) {
    const message = `the grid has ${count} combinations`;
    findings.add({ place: axes[0]!.place, message, found: String(count), allowed: `at most ${MOST}` });
    return [];
  }
  const short = shortNames(axes.map(({ path }) => path));
  const points = axes.reduce<{ axis: Axis; value: Node; i: number }[][]>(
    (all, axis) => all.flatMap((point) => axis.values.map((value, i) => [...point, { axis, value, i }])),
    [[]],
  );
  return points.map((point) => ({
    name: point.map(({ axis, value, i }) => `${short.get(axis.path)}=${shown(value, i, axis.values)}`).join(', '),
    changes: Object.fromEntries(point.map(({ axis, value }) => [axis.path, toValue(value)])),
    nodes: point.map(({ axis, value }) => nested(axis.path, axis.place, value)),
    place: point.at(-1)!.value.place,
    inGrid: true,
  }));
}

function checkRepeats({ path, values }: Axis, findings: Findings): void {
  const texts = values.map((value) => JSON.stringify(toValue(value)));
  const again = texts.findIndex((text, i) => texts.indexOf(text) < i);
  if (again < 0) return;
  findings.add({ place: values[again]!.place, message: `${path}: this value is there twice`, found: texts[again]! });
}

/** A value in the name of a variant: itself if it is short, a component by its type, another one by its place in the list, from 1. */
function shown(value: Node, index: number, all: readonly Node[]): string {
  const text = brief(value);
  const isUnique = all.filter((other) => brief(other) === text).length === 1;
  return text !== undefined && isUnique ? text : `#${index + 1}`;
}

const LONGEST = 24;

function brief(node: Node): string | undefined {
  if (node.kind === 'map') {
    const type = node.entries.get('type')?.value;
    return type?.kind === 'scalar' ? String(type.value) : undefined;
  }
  const text = node.kind === 'scalar' ? String(node.value) : JSON.stringify(toValue(node));
  return text.length <= LONGEST ? text : undefined;
}
