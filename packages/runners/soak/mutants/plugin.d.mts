import type { Ignorer } from '@stryker-mutator/api/ignore';

export const words: Ignorer;

interface Position {
  readonly line: number;
  readonly column: number;
}

export function keyOf(mutant: {
  readonly location: { readonly start: Position; readonly end: Position };
  readonly replacement: string;
}): string;
