/** `0.319 M`. */
export function millions(count: number): string {
  return `${(count / 1e6).toFixed(count < 1e6 ? 3 : 2)} M`;
}

/** `1x512x512x3`. */
export function shape(sides: readonly number[]): string {
  return sides.join('x');
}

/** `0.34 s`, `12 s`. */
export function seconds(time: number): string {
  return `${time < 10 ? time.toFixed(2) : time.toFixed(0)} s`;
}

/** `1.5 GB`; an unknown count in words. */
export function bytes(count: number | null): string {
  return count === null ? 'an unknown amount' : `${(count / 1e9).toFixed(1)} GB`;
}
