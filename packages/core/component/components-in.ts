import type { ComponentSpec } from './spec.ts';
import { transformOptions, type Visitor } from './transform.ts';

/**
 * The components of a kind in the options of a component, however deep; of those in one another the innermost.
 * @param outer kind of the component
 * @param outside a kind in whose components is not looked
 */
export function componentsIn(outer: string, spec: ComponentSpec, kind: string, outside?: string): ComponentSpec[] {
  const found: ComponentSpec[] = [];
  const visit = (around: string, each: ComponentSpec): boolean => {
    let holds = false;
    const visitor: Visitor = {
      component: (inner, part) => {
        if (inner === outside) return;
        const deeper = visit(inner, part);
        if (inner === kind && !deeper) found.push(part);
        holds ||= deeper || inner === kind;
      },
      reference: () => undefined,
    };
    transformOptions(around, each, visitor);
    return holds;
  };
  visit(outer, spec);
  return found;
}
