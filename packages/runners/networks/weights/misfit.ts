import { UserError } from '@dualprior/core';
import type { Fit } from './fit.ts';

const MOST_SHAPES = 4;
/** With more groups of names than these, larger ones are made. */
const MOST_GROUPS = 8;

/** The error that weights do not fit: in groups for users, in full as the problem's details. */
export function misfitError(what: string, fit: Fit, advice?: string): UserError {
  const { missing, unexpected, misshapen, differing, refusals } = fit;
  const shapes = misshapen.map(({ name, found, expected }) => `${name} is ${show(found)}, not ${show(expected)}`);
  const more = shapes.length > MOST_SHAPES ? '; ...' : '';
  const lines = [
    ...line('missing', missing, grouped(missing)),
    ...line('unexpected', unexpected, grouped(unexpected)),
    ...line('other shapes', shapes, shapes.slice(0, MOST_SHAPES).join('; ') + more),
    ...differing.map(({ option, found, expected }) => `${option} is ${said(found)} there, but ${said(expected)} here`),
    ...refusals,
    ...(advice === undefined ? [] : [advice]),
  ];
  const message = [what, ...lines].join('\n  ');
  const details = [
    ...missing.map((name) => `missing: ${name}`),
    ...unexpected.map((name) => `unexpected: ${name}`),
    ...shapes.map((text) => `other shape: ${text}`),
  ];
  return new UserError(message, [
    { file: null, line: null, column: null, message, found: null, allowed: null, details },
  ]);
}

function line(what: string, items: readonly string[], text: string): string[] {
  return items.length === 0 ? [] : [`${what} (${items.length}): ${text}`];
}

/** `convs.0.* (8), input.input`: by layer, or by list of layers where there are many. */
function grouped(names: readonly string[]): string {
  const layers = groups(names, /^[^.]+(\.\d+)?(?=\.)/);
  const all = layers.size <= MOST_GROUPS ? layers : groups(names, /^[^.]+(?=\.)/);
  return [...all]
    .map(([group, members]) => (members.length === 1 ? members[0]! : `${group}.* (${members.length})`))
    .join(', ');
}

function groups(names: readonly string[], prefix: RegExp): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of names) {
    const group = prefix.exec(name)?.[0] ?? name;
    found.set(group, [...(found.get(group) ?? []), name]);
  }
  return found;
}

function said(trait: string | number | null): string {
  return trait === null ? 'absent' : String(trait);
}

function show(shape: readonly number[]): string {
  return `(${shape.join(', ')})`;
}
