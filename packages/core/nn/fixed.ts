import { DynamicValue } from './dynamic-value.ts';

const inside = new DynamicValue(false);

/**
 * Makes tensors in JavaScript whose numbers follow from shapes and options alone: a filter, the matrix of an interpolation. However many
 * they are, they may be constants of a compiled step.
 */
export function fixed<T>(make: () => T): T {
  return inside.during(true, make);
}

/** Whether tensors that are made now are fixed. */
export function isFixed(): boolean {
  return inside.current;
}
