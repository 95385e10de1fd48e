import { catalogue } from '../component/catalogue.ts';
import { COMPONENT } from '../component/kind.ts';
import type { Schema } from '../component/schema.ts';
import type { ComponentSpec } from '../component/spec.ts';
import { componentOf, showValue } from '../component/words.ts';
import { sameForm } from './forms.ts';
import { didYouMean } from './nearest.ts';
import { toValue, type MapNode, type Node } from './node.ts';

/** Blanks that are not the blank of YAML, or that cannot be seen; U+FEFF is only one within a text. */
const ODD_BLANK = /[\u00a0\u2000-\u200f\u2028\u2029\u202f\u2060\u3000\ufeff]/u;

/** The character that makes a text something else than it looks. */
function oddBlank(text: string): string | undefined {
  const odd = ODD_BLANK.exec(text)?.[0];
  if (odd === undefined) return undefined;
  const code = odd.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `it holds ${odd === '\u00a0' ? 'a no-break space' : 'an invisible character'} (U+${code}); type a plain space, or none`;
}

/** What was most likely meant by a name that does not exist. */
export function nameHint(name: string, names: Iterable<string>): string | undefined {
  return oddBlank(name) ?? didYouMean(name, names);
}

/** What users mean who write `iterations` for `stages.restore.iterations`: the first paths of the file that end with the name. */
export function pathHint(name: string, root: MapNode): string | undefined {
  const paths = pathsTo(name, root);
  if (paths.length === 0) return undefined;
  return `did you mean ${paths.slice(0, SHOWN).join(' or ')}${paths.length > SHOWN ? ', ...' : ''}?`;
}

const SHOWN = 3;

function pathsTo(name: string, { entries }: MapNode, path = ''): string[] {
  return [...entries].flatMap(([key, { value }]) => [
    ...(key === name && path !== '' ? [path + key] : []),
    ...(value.kind === 'map' ? pathsTo(name, value, `${path}${key}.`) : []),
  ]);
}

/** What users mean who write `loss: l1`. */
export function kindHint(kind: string, node: Node, types: readonly string[]): string | undefined {
  if (node.kind === 'list') return `only one ${catalogue.called(kind)} can stand here, without "-" or [ ]`;
  if (node.kind !== 'scalar') return undefined;
  const name = String(node.value);
  return types.includes(name) ? `write {type: ${name}}` : typeHint(kind, name, types);
}

/** What users mean who write `{loss: {type: l1}, weight: 2}` where a loss stands: `{type: l1, weight: 2}`. */
export function wrappedHint(kind: string, { entries }: MapNode): string | undefined {
  const inner = entries.get(kind)?.value;
  if (inner?.kind !== 'map' || !inner.entries.has('type')) return undefined;
  const { type, ...options } = toValue(inner) as ComponentSpec;
  const known = Object.keys(catalogue.find(kind, type)?.declaration.options.properties ?? {});
  const around = [...entries]
    .filter(([name]) => known.includes(name))
    .map(([name, { value }]) => [name, toValue(value)]);
  return `write the ${catalogue.called(kind)} itself: ${showValue({ type, ...options, ...Object.fromEntries(around) }, 200)}`;
}

export function typesOf(kind: string): string[] {
  return catalogue.components(kind).map(({ declaration }) => declaration.type);
}

/** The nearest type of the kind, or the kind that has this type. */
export function typeHint(kind: string, name: string, types: readonly string[]): string | undefined {
  const others = catalogue.kinds().filter((other) => other !== kind && catalogue.find(other, name));
  const other =
    others.length > 0 ? `${name} is ${others.map(componentOf).join(' and ')}, not ${componentOf(kind)}` : undefined;
  return nameHint(name, types) ?? other;
}

/** What a user most likely got wrong about the type of a value. */
export function valueHint(schema: Schema, node: Node): string | undefined {
  if (schema.type === 'array' && node.kind === 'scalar') return `a list is written [${String(node.value)}]`;
  if (node.kind !== 'scalar') return undefined;
  const blank = oddBlank(String(node.value));
  if (blank !== undefined) return blank;
  const kind = schema.anyOf?.find((member) => member[COMPONENT] !== undefined)?.[COMPONENT];
  if (kind !== undefined) return kindHint(kind, node, typesOf(kind));
  const member = Object.entries(schema.properties ?? {}).find(([, option]) => sameForm(option, node));
  if (member) return `write {${member[0]}: ${showValue(node.value)}}`;
  const { value } = node;
  const number = schema.type === 'integer' || schema.type === 'number';
  if (number && typeof value === 'string') {
    if (value.trim() !== '' && Number.isFinite(Number(value))) return 'without quotes it is a number';
    if (/^\d+,\d+$/.test(value)) return 'the decimal sign is a point';
  }
  if (schema.type === 'string' && typeof value !== 'string')
    return `in quotes it is a string: "${node.written ?? String(value)}"`;
  if (schema.type === 'boolean' && /^(yes|on|y)$/i.test(String(value))) return 'YAML 1.2 writes true';
  if (schema.type === 'boolean' && /^(no|off|n)$/i.test(String(value))) return 'YAML 1.2 writes false';
  if (schema.type === 'boolean' && /^(true|false)$/i.test(String(value))) return 'without quotes it is true or false';
  return undefined;
}
