import { html, type Html } from './html.ts';

/** Lines in a square of 10 by 10: drawn, as not every font has such signs. */
const LINES = {
  up: 'M5 9V1.5M1.5 5 5 1.5 8.5 5',
  down: 'M5 1v7.5M1.5 5 5 8.5 8.5 5',
  right: 'M1 5h7.5M5 1.5 8.5 5 5 8.5',
  tick: 'M1.5 5.5 4 8 8.5 2',
  cross: 'M2 2 8 8M8 2 2 8',
  question: 'M3 3.3a2 2 0 1 1 3.2 1.6Q5 5.6 5 6.6M5 9v.01',
};

export type IconName = keyof typeof LINES;

/** A sign as tall as the text around it. With a label it is read out and has a tooltip, without one it is only looked at. */
export function icon(name: IconName, label?: string): Html {
  const line = html`<path d="${LINES[name]}" />`;
  return label === undefined
    ? html`<svg class="icon" viewBox="0 0 10 10" aria-hidden="true">${line}</svg>`
    : html`<svg class="icon" viewBox="0 0 10 10" role="img" aria-label="${label}">
        <title>${label}</title>
        ${line}
      </svg>`;
}
