/** Rows of cells as lines of a table for a terminal; the first row is the head. Columns of numbers are aligned to the right. */
export function aligned(rows: readonly (readonly string[])[], numbers: readonly number[] = []): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    row
      .map((cell, c) => (numbers.includes(c) ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd(),
  );
}
