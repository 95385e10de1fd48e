const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size on the disk for display: `812 B`, `14 kB`, `2.3 GB`. */
export function fileSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toFixed(value < 10 && power > 0 ? 1 : 0)} ${UNITS[power]}`;
}
