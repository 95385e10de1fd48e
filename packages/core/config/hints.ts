import { catalogue } from '../component/catalogue.ts';
import { article } from '../component/words.ts';
import { didYouMean } from './nearest.ts';
import type { Node } from './node.ts';

/** What a person means who writes `loss: l1`. */
export function kindHint(kind: string, node: Node, types: readonly string[]): string | undefined {
  if (node.kind === 'list') return `only one ${kind} can stand here, without "-" or [ ]`;
  if (node.kind !== 'scalar') return undefined;
  const name = String(node.value);
  return types.includes(name) ? `write {type: ${name}}` : typeHint(kind, name, types);
}

/** The nearest type of the kind, or the kind that has this type. */
export function typeHint(kind: string, name: string, types: readonly string[]): string | undefined {
  const others = catalogue.kinds().filter((other) => other !== kind && catalogue.find(other, name));
  const other = others.length > 0 ? `${name} is ${others.map(article).join(' and ')}, not ${article(kind)}` : undefined;
  return didYouMean(name, types) ?? other;
}
