import type { Curve } from '../record/stage-history.ts';
import { rangeOf, round, scale, short, thousands, ticks } from './axes.ts';
import { html, raw, type Html } from './html.ts';

const [WIDTH, HEIGHT] = [340, 190];
const PAD = { left: 52, right: 10, top: 10, bottom: 26 };
/** Points that a curve is drawn with at most; of more, means of neighbours. Where several lie over each other, fewer. */
const POINTS = { one: 240, several: 100 };

/** Colours of lines in the style sheet: the CSS classes `v0` to `v7`. */
export const COLOURS = 8;

type Point = Curve['points'][number];

/** One of the lines of a chart. */
export interface Line {
  readonly points: readonly Point[];
  /** Whose it is, where there are several. */
  readonly label?: string;
  /** CSS class. */
  readonly kind?: string;
}

/**
 * Curves over each other as an inline SVG with axes. Points that are not finite leave a gap.
 * @param legend whether the labels of several lines are listed with their colours
 */
export function chart(name: string, lines: readonly Line[], { legend = false } = {}): Html {
  const most = lines.length > 1 ? POINTS.several : POINTS.one;
  const drawn = lines
    .map((line) => ({ ...line, finite: line.points.filter(isFinitePoint), points: thinned(line.points, most) }))
    .filter(({ finite }) => finite.length > 0);
  if (drawn.length === 0) return html`<p>${name}: no finite value.</p>`;
  const all = drawn.flatMap(({ points }) => points);
  const [low, high] = rangeOf(all.filter(isFinitePoint).map(([, value]) => value));
  const steps = lines.flatMap(({ points }) => points.map(([step]) => step));
  const [first, last] = [steps.reduce((a, b) => Math.min(a, b)), steps.reduce((a, b) => Math.max(a, b))];
  const x = scale(first, Math.max(last, first + 1), PAD.left, WIDTH - PAD.right);
  const y = scale(low, high, HEIGHT - PAD.bottom, PAD.top);
  const [ticksX, ticksY] = [ticks(first, last).filter(Number.isInteger), ticks(low, high)];
  const several = drawn.length > 1;
  const data = drawn.flatMap(({ points }, i) =>
    points
      .filter(isFinitePoint)
      .map(([step, value]) => [step, short(value), round(x(step)), round(y(value)), ...(several ? [i] : [])]),
  );
  return html`<figure class="chart">
    <figcaption><b>${name}</b> <output>${!several && lastOf(drawn[0]!.finite)}</output></figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="img"
      aria-label="${`${name}${several ? ': ' : ' '}${drawn.map(summary).join('; ')}`}"
      data-points="${JSON.stringify(data)}"
    >
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
      ${drawn.map(
        ({ points, label, kind }) =>
          html`<g class="line ${kind ?? ''}">
            ${label !== undefined && html`<title>${label}</title>`}
            <path d="${raw(path(points, x, y))}" />
            ${points.length === 1 && html`<circle cx="${round(x(points[0]![0]))}" cy="${round(y(points[0]![1]))}" r="3" />`}
          </g>`,
      )}
      <circle class="marker" r="4" visibility="hidden" />
    </svg>
    ${legend && several && legendOf(drawn)}
  </figure>`;
}

function legendOf(lines: readonly Line[]): Html {
  return html`<ul class="key">
    ${lines.map(({ label, kind }) => html`<li class="${kind ?? ''}"><span class="swatch"></span>${label}</li>`)}
  </ul>`;
}

function isFinitePoint([, value]: Point): boolean {
  return Number.isFinite(value);
}

function summary({ label, finite }: { readonly label?: string; readonly finite: readonly Point[] }): string {
  const [step, value] = finite[0]!;
  return `${label === undefined ? '' : `${label} `}from ${short(value)} at ${step} to ${lastOf(finite)}`;
}

function lastOf(finite: readonly Point[]): string {
  const [step, value] = finite.at(-1)!;
  return `${short(value)} at ${step}`;
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

function thinned(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const size = points.length / most;
  return Array.from({ length: most }, (_, i) => {
    const bucket = points.slice(Math.floor(i * size), Math.floor((i + 1) * size));
    const [step] = bucket.at(-1)!;
    return [step, bucket.reduce((sum, [, value]) => sum + value, 0) / bucket.length];
  });
}
