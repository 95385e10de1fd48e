import { UserError } from '@dualprior/core';

const UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** A size of memory as users write it, in bytes: `4G`, `1.5 GB`, `800MiB`. Errors: `UserError`. */
export function bytesOf(text: string, flag: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt])(?:i?b)?\s*$/i.exec(text);
  const bytes = match ? Number(match[1]) * UNITS[match[2]!.toLowerCase()]! : NaN;
  if (bytes > 0) return bytes;
  throw new UserError(`${flag} is "${text}", but must be a size with its unit, e.g. 4G or 800M.`);
}
