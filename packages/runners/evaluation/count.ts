/** A count for display: `640`, `12.8 k`, `0.45 M`, `28.4 M`. */
export function count(value: number): string {
  if (value < 1000) return String(value);
  if (value < 100_000) return `${trimmed(value / 1e3)} k`;
  return `${trimmed(value / 1e6)} M`;
}

/** Three digits. */
function trimmed(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
