import { html, type Html } from './html.ts';

/** A table that may be wider than the page. @param label what it is, for those who hear the page */
export function scrolled(label: string, table: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>
    <p class="hint" aria-hidden="true">The table continues to the right: swipe or scroll it.</p>`;
}
