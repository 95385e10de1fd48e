import type { Html } from './html.ts';

/** One part of the page; absent where there is nothing to show. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}
