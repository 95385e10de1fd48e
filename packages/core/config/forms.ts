import { choices, shapeOf, type Schema } from '../component/schema.ts';
import type { Node } from './node.ts';

/** `1_000` as users write it. */
export function numeric(schema: Schema, value: unknown, plain: boolean): number | undefined {
  if (!plain || typeof value !== 'string' || (schema.type !== 'integer' && schema.type !== 'number')) return undefined;
  return /^[-+]?\d+(_\d+)+(\.\d+)?([eE][-+]?\d+)?$/.test(value) ? Number(value.replaceAll('_', '')) : undefined;
}

/** Whether a member of a union could mean this node: a map for maps, a number for numbers, ... */
export function sameForm(schema: Schema, node: Node): boolean {
  switch (shapeOf(schema)) {
    case 'component':
    case 'map':
    case 'record':
      return node.kind === 'map';
    case 'list':
    case 'tuple':
      return node.kind === 'list';
    case 'reference':
      return node.kind === 'scalar' && typeof node.value === 'string';
    case 'choice':
      return node.kind === 'scalar' && choices(schema)!.includes(node.value);
    case 'union':
      return schema.anyOf!.some((member) => sameForm(member, node));
    case 'any':
      return true;
    case 'scalar':
      return (
        node.kind === 'scalar' &&
        typeof (numeric(schema, node.value, node.plain) ?? node.value) ===
          (schema.type === 'integer' ? 'number' : schema.type)
      );
  }
}
