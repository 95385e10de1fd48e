import { WEIGHTS_FILES } from '../component/weights-option.ts';
import { parseNetworkReference } from '../component/network-reference.ts';
import { publishedWeights } from '../component/published-weights.ts';
import type { FoundReference } from './check-options.ts';
import { didYouMean, nearest } from './nearest.ts';
import type { Findings } from './findings.ts';
import { SECTION_NAMES, type Section } from './schema.ts';

/** What a reference leads to: `STAGE.NAME` to the stage, with the network's name. */
export interface Reference {
  readonly section: Section;
  readonly name: string;
  /** As it stands in the experiment. */
  readonly text: string;
}

export function toReference(section: string, text: string): Reference {
  const { stage } = section === 'networks' ? parseNetworkReference(text) : { stage: undefined };
  return stage === undefined
    ? { section: section as Section, name: text, text }
    : { section: 'stages', name: stage, text };
}

/** Names of the entries of each section, also of those with errors. */
export type EntryNames = Readonly<Record<Section, readonly string[]>>;

/**
 * Finds references to nothing and entries that refer to each other in a circle. `wrongStages`: stages in which
 * something is wrong already, so that nobody knows what they train.
 */
export function checkReferences(
  found: readonly FoundReference[],
  names: EntryNames,
  wrongStages: readonly string[],
  findings: Findings,
): void {
  const trained = networksOfStages(found);
  const valid = found.filter((reference) => {
    const { stage } = reference.section === 'networks' ? parseNetworkReference(reference.text) : { stage: undefined };
    return stage === undefined
      ? checkName(reference, names, trained, findings)
      : checkTrained(reference, stage, names, trained, wrongStages, findings);
  });
  checkCircles(valid, findings);
}

/** The networks that each stage names, by the stage's name. */
function networksOfStages(found: readonly FoundReference[]): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const { at, section, text } of found) {
    if (at.owner?.section !== 'stages' || section !== 'networks') continue;
    const networks = result.get(at.owner.name) ?? [];
    result.set(at.owner.name, [...networks, parseNetworkReference(text).network]);
  }
  return result;
}

function checkName(
  { at, section, text, place, orFile }: FoundReference,
  names: EntryNames,
  trained: ReadonlyMap<string, readonly string[]>,
  findings: Findings,
): boolean {
  const known = names[section as Section];
  if (known.includes(text)) return true;
  const elsewhere = SECTION_NAMES.filter((other) => names[other].includes(text));
  const asTrained = section === 'networks' ? (trained.get(text) ?? []).map((network) => `${text}.${network}`) : [];
  findings.add({
    place,
    path: at.path,
    message: `${at.path}: there is no "${text}" in ${section}`,
    found: text,
    allowed: orFile
      ? `a file (${WEIGHTS_FILES}), STAGE.NAME, ${[...known, ...publishedWeights.names()].join(', ')}`
      : list(known, section),
    hint:
      asTrained[0] !== undefined
        ? `${text} is a stage; its network is ${asTrained.join(' or ')}`
        : (didYouMean(text, orFile ? [...known, ...publishedWeights.names()] : known) ??
          (elsewhere[0] && `"${text}" is an entry of ${elsewhere.join(' and ')}`)),
  });
  return false;
}

function checkTrained(
  { at, text, place }: FoundReference,
  stage: string,
  names: EntryNames,
  trained: ReadonlyMap<string, readonly string[]>,
  wrongStages: readonly string[],
  findings: Findings,
): boolean {
  const network = parseNetworkReference(text).network;
  const all = [...trained].flatMap(([name, networks]) => networks.map((each) => `${name}.${each}`));
  if (!names.stages.includes(stage)) {
    const allowed = list(names.stages, 'stages');
    const near = nearest(stage, names.stages);
    const hint = didYouMean(text, all) ?? (near && `did you mean "${near}.${network}"?`);
    findings.add({
      place,
      path: at.path,
      message: `${at.path}: there is no stage "${stage}"`,
      found: text,
      allowed,
      hint,
    });
    return false;
  }
  const networks = trained.get(stage) ?? [];
  if (networks.includes(network) || (networks.length === 0 && wrongStages.includes(stage))) return true;
  findings.add({
    place,
    path: at.path,
    message: `${at.path}: the stage "${stage}" has no network "${network}"`,
    found: text,
    allowed: list(
      [...new Set(networks)].map((each) => `${stage}.${each}`),
      `the networks of ${stage}`,
    ),
    hint: didYouMean(text, all),
  });
  return false;
}

function list(names: readonly string[], what: string): string {
  return names.length > 0 ? names.join(', ') : `nothing: ${what} is empty`;
}

/** Each circle once, at the reference that closes it. */
function checkCircles(found: readonly FoundReference[], findings: Findings): void {
  const edges = new Map<string, { to: string; reference: FoundReference }[]>();
  for (const reference of found) {
    const { owner } = reference.at;
    if (!owner) continue;
    const { section, name } = toReference(reference.section, reference.text);
    const from = `${owner.section}.${owner.name}`;
    edges.set(from, [...(edges.get(from) ?? []), { to: `${section}.${name}`, reference }]);
  }
  const done = new Set<string>();
  const visit = (entry: string, path: readonly string[]): void => {
    for (const { to, reference } of edges.get(entry) ?? []) {
      if (path.includes(to)) circle([...path.slice(path.indexOf(to)), to], reference, findings);
      else if (!done.has(to)) visit(to, [...path, to]);
    }
    done.add(entry);
  };
  for (const entry of edges.keys()) if (!done.has(entry)) visit(entry, [entry]);
}

function circle(path: readonly string[], { at, place, text }: FoundReference, findings: Findings): void {
  const message =
    path.length === 2
      ? `${at.path}: ${path[0]} refers to itself`
      : `${at.path}: these need each other in a circle: ${path.join(' → ')}`;
  findings.add({ place, message, found: text });
}
