import type { Column } from '@dualprior/blocks';
import { html, raw, type Html } from './html.ts';
import { icon } from './icons.ts';

/** The head of a column of values, with an arrow to the better ones. */
export function columnHead(name: string, better: Column['better']): Html {
  return html`<th scope="col">
    ${breakable(name)}&nbsp;${icon(better === 'higher' ? 'up' : 'down', `${better} is better`)}
  </th>`;
}

/** A name that may continue in a new line after each underscore or point. */
export function breakable(name: string): Html {
  return html`${name.split(/(?<=[_.])/).map((part, i) => html`${i > 0 && raw('<wbr />')}${part}`)}`;
}
