import { allButFirst, ruled } from '../console/aligned.ts';
import { aboveStart, type BenchResult, type Timing } from './run-bench.ts';

/** Cores that other processes may use before the figures are doubtful. */
const BUSY = 0.1;

/** A table for display: our row of each bench, then those it is compared with. */
export function benchText(results: readonly BenchResult[]): string {
  const titles = 'bench,ms,cpu ms,images/s,start MB,peak MB,GPU MB,first step s,ratio,cpu,memory'.split(',');
  const rows = results.flatMap((result) => [ours(result), ...others(result).map((other) => theirs(result, other))]);
  const onGpu = results.some(({ devicePeakBytes }) => devicePeakBytes !== null);
  const cells = [titles, ...rows].map((row) => (onGpu ? row : row.filter((_, c) => titles[c] !== 'GPU MB')));
  const lines = ruled(cells, allButFirst(cells));
  const note =
    'Medians of alternating rounds. ratio, cpu, memory: time, processor time and memory (peak above that at the start; on a GPU: its own) of ours over those of the row; below 1 ours is better.';
  const busy = Math.max(...results.map(({ otherLoad }) => otherLoad ?? 0));
  const warning =
    `The machine was busy: other processes used ${busy.toFixed(1)} cores meanwhile, so these times are not to be trusted ` +
    "(PyTorch's threads wait for each other and suffer most). --threads 1 with its processor times is the next best thing.";
  return [...lines, lines[1], note, ...(busy > BUSY ? [warning] : [])].join('\n');
}

function ours(result: BenchResult): string[] {
  const { name, ms, cpuMs, imagesPerSecond, startBytes, peakBytes, devicePeakBytes, traceSeconds } = result;
  const memory = [megabytes(startBytes), megabytes(peakBytes), onDevice(devicePeakBytes)];
  const times = [ms.toFixed(1), cpuMs.toFixed(1), imagesPerSecond.toFixed(1)];
  return [name, ...times, ...memory, traceSeconds.toFixed(1), '', '', ''];
}

function others({ eager, peers }: BenchResult): Timing[] {
  return [...(eager ? [eager] : []), ...peers];
}

function theirs(result: BenchResult, other: Timing): string[] {
  const { ms, cpuMs, imagesPerSecond, devicePeakBytes } = result;
  const [mine, its] =
    devicePeakBytes === null ? [aboveStart(result), aboveStart(other)] : [devicePeakBytes, other.devicePeakBytes];
  const memory = mine && its ? (mine / its).toFixed(2) : '';
  const images = (imagesPerSecond * ms) / other.ms;
  return [
    `  ${other.name}`,
    other.ms.toFixed(1),
    other.cpuMs.toFixed(1),
    images.toFixed(1),
    megabytes(other.startBytes),
    megabytes(other.peakBytes),
    onDevice(other.devicePeakBytes),
    '',
    (ms / other.ms).toFixed(2),
    (cpuMs / other.cpuMs).toFixed(2),
    memory,
  ];
}

function onDevice(bytes: number | null): string {
  return bytes === null ? '' : megabytes(bytes);
}

function megabytes(bytes: number | null): string {
  return bytes === null ? 'no /proc' : (bytes / 1e6).toFixed(0);
}
