/** Rows of cells as lines of a table for a terminal; the first row is the head. Columns of numbers are aligned to the right. */
export function aligned(rows: readonly (readonly string[])[], numbers: readonly number[] = []): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map((cell, c) => (numbers.includes(c) ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join(GAP)
      .trimEnd(),
  );
}

/** The same with a line below the head. */
export function ruled(rows: readonly (readonly string[])[], numbers?: readonly number[]): string[] {
  const [head, ...body] = aligned(rows, numbers);
  const width = widthsOf(rows).reduce((sum, each) => sum + each + GAP.length, -GAP.length);
  return [head!, '─'.repeat(width), ...body];
}

/** All columns of a table but the first. */
export function allButFirst(rows: readonly (readonly string[])[]): number[] {
  return [...rows[0]!.keys()].slice(1);
}

const GAP = '  ';

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
}
