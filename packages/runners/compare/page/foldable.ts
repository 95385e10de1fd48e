import { html, raw, type Html } from '../../report/page/html.ts';

/** A part of the page that its reader opens and closes. @param content begins with its `summary` */
export function foldable(content: Html, isOpen: boolean, className?: string): Html {
  const attributes = `${className === undefined ? '' : ` class="${className}"`}${isOpen ? ' open' : ''}`;
  return html`<details${raw(attributes)}>${content}</details>`;
}
