import type { Fit } from './fit.ts';

const SHOWN = 4;

/** What keeps weights from fitting, a line for each way, with a few names and their count. */
export function describeMisfit({ missing, unexpected, misshapen }: Fit): string[] {
  const shapes = misshapen.map(({ name, found, expected }) => `${name} is ${show(found)}, not ${show(expected)}`);
  return [
    line('missing', missing, ', '),
    line('unexpected', unexpected, ', '),
    line('other shapes', shapes, '; '),
  ].flat();
}

function line(what: string, items: readonly string[], separator: string): string[] {
  if (items.length === 0) return [];
  const more = items.length > SHOWN ? `${separator}...` : '';
  return [`${what} (${items.length}): ${items.slice(0, SHOWN).join(separator)}${more}`];
}

function show(shape: readonly number[]): string {
  return `(${shape.join(', ')})`;
}
