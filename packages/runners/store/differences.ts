import { hideCredentials } from '@dualprior/core';

/** Lines that say where two plain values differ: `stages.restore.iterations: 100 there, 200 here`. */
export function differences(there: unknown, here: unknown, path = ''): string[] {
  if (isMap(there) && isMap(here)) {
    const keys = [...new Set([...Object.keys(there), ...Object.keys(here)])];
    return keys.flatMap((key) => differences(there[key], here[key], path ? `${path}.${key}` : key));
  }
  const [before, now] = [show(there), show(here)];
  return before === now ? [] : [`${path}: ${before} there, ${now} here`];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : hideCredentials(JSON.stringify(value));
}
