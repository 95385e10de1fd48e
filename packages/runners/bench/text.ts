import type { BenchResult, Timing } from './run-bench.ts';

/** Cores that other processes may use before the figures are doubtful. */
const BUSY = 0.1;

/** A table for people: our row of each bench, then those it is compared with. */
export function benchText(results: readonly BenchResult[]): string {
  const head = ['bench', 'ms', 'images/s', 'peak MB', 'first step s', 'ratio', 'memory'];
  const rows = results.flatMap((result) => [ours(result), ...others(result).map((other) => theirs(result, other))]);
  const cells = [head, ...rows];
  const widths = head.map((_, c) => Math.max(...cells.map((row) => row[c]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd(),
  );
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const note = 'Medians of alternating rounds. ratio, memory: ours over that row; smaller than 1 is better than it.';
  const busy = Math.max(...results.map(({ otherLoad }) => otherLoad ?? 0));
  const warning = `The machine was busy: other processes used ${busy.toFixed(1)} cores meanwhile, so these figures are not to be trusted.`;
  return [lines[0], rule, ...lines.slice(1), rule, note, ...(busy > BUSY ? [warning] : [])].join('\n');
}

function ours({ name, ms, imagesPerSecond, peakBytes, traceSeconds }: BenchResult): string[] {
  return [name, ms.toFixed(1), imagesPerSecond.toFixed(1), megabytes(peakBytes), traceSeconds.toFixed(1), '', ''];
}

function others({ eager, peers }: BenchResult): Timing[] {
  return [...(eager ? [eager] : []), ...peers];
}

function theirs({ ms, imagesPerSecond, peakBytes }: BenchResult, other: Timing): string[] {
  const memory = peakBytes && other.peakBytes ? (peakBytes / other.peakBytes).toFixed(2) : '';
  const images = (imagesPerSecond * ms) / other.ms;
  return [
    `  ${other.name}`,
    other.ms.toFixed(1),
    images.toFixed(1),
    megabytes(other.peakBytes),
    '',
    (ms / other.ms).toFixed(2),
    memory,
  ];
}

function megabytes(bytes: number | null): string {
  return bytes === null ? 'no /proc' : (bytes / 1e6).toFixed(0);
}
