const LONGEST = 30;

/**
 * Seconds to wait after so many failures in a row, from 1: `first`, twice that, four times ... up to 30, a quarter less or more by chance, so that
 * many runs do not come back to a server at the same moment.
 */
export function pauseAfter(failures: number, first = 1, chance: () => number = Math.random): number {
  const doubled = first * 2 ** Math.min(failures - 1, 16);
  return Math.min(LONGEST, doubled) * (0.75 + chance() / 2);
}
