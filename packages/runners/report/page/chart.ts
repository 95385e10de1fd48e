import type { Curve } from '../record/stage-history.ts';
import { html, raw, type Html } from './html.ts';

const [WIDTH, HEIGHT] = [340, 190];
const PAD = { left: 52, right: 10, top: 10, bottom: 26 };
/** Points that a curve is drawn with at most; of more, means of neighbours. */
const POINTS = 240;
const TICKS = 4;

type Point = Curve['points'][number];

/** A curve as an inline SVG with axes. Points that are not finite leave a gap. */
export function chart({ name, points }: Curve): Html {
  const finite = points.filter(([, value]) => Number.isFinite(value));
  if (finite.length === 0) return html`<p>${name}: no finite value.</p>`;
  const drawn = thinned(points);
  const values = drawn.map(([, value]) => value).filter(Number.isFinite);
  const [low, high] = padded(least(values), greatest(values));
  const [first, last] = [points[0]![0], points.at(-1)![0]];
  const x = scale(first, Math.max(last, first + 1), PAD.left, WIDTH - PAD.right);
  const y = scale(low, high, HEIGHT - PAD.bottom, PAD.top);
  const [ticksX, ticksY] = [ticks(first, last).filter(Number.isInteger), ticks(low, high)];
  const end = finite.at(-1)!;
  const summary = `${name} from ${short(finite[0]![1])} at ${finite[0]![0]} to ${short(end[1])} at ${end[0]}`;
  const data = drawn
    .filter(([, value]) => Number.isFinite(value))
    .map(([step, value]) => [step, short(value), round(x(step)), round(y(value))]);
  return html`<figure class="chart">
    <figcaption><b>${name}</b> <output>${short(end[1])} at ${end[0]}</output></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${summary}" data-points="${JSON.stringify(data)}">
      ${ticksY.map(
        (tick) =>
          html`<line
              class="rule"
              x1="${PAD.left}"
              x2="${WIDTH - PAD.right}"
              y1="${round(y(tick))}"
              y2="${round(y(tick))}"
            />
            <text x="${PAD.left - 6}" y="${round(y(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
      )}
      ${ticksX.map(
        (tick) => html`<text x="${round(x(tick))}" y="${HEIGHT - 8}" text-anchor="middle">${thousands(tick)}</text>`,
      )}
      <path d="${raw(path(drawn, x, y))}" />
      ${drawn.length === 1 && html`<circle cx="${round(x(end[0]))}" cy="${round(y(end[1]))}" r="3" />`}
      <circle class="marker" r="4" visibility="hidden" />
    </svg>
  </figure>`;
}

function path(points: readonly Point[], x: (step: number) => number, y: (value: number) => number): string {
  let gap = true;
  const parts = points.map(([step, value]) => {
    if (!Number.isFinite(value)) {
      gap = true;
      return '';
    }
    const move = gap ? 'M' : 'L';
    gap = false;
    return `${move}${round(x(step))} ${round(y(value))}`;
  });
  return parts.join('');
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= POINTS) return points;
  const size = points.length / POINTS;
  return Array.from({ length: POINTS }, (_, i) => {
    const bucket = points.slice(Math.floor(i * size), Math.floor((i + 1) * size));
    const [step] = bucket.at(-1)!;
    return [step, bucket.reduce((sum, [, value]) => sum + value, 0) / bucket.length];
  });
}

function scale(from: number, to: number, low: number, high: number): (value: number) => number {
  return (value) => low + ((value - from) / (to - from)) * (high - low);
}

function padded(low: number, high: number): [number, number] {
  const margin = high > low ? (high - low) * 0.05 : Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
}

/** Round numbers in a range, about `TICKS` of them: 1, 2 or 5 times a power of ten apart. */
export function ticks(low: number, high: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const away = (size: number) => Math.abs(Math.log(size / rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).reduce((a, b) => (away(b) < away(a) ? b : a));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function short(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1).replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}

function thousands(step: number): string {
  return step >= 10_000 ? `${step / 1000}k` : String(step);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}
