import { readFileSync } from 'node:fs';
import { html, raw, type Html } from './html.ts';
import type { ImageStore } from './image-store.ts';
import type { Section } from './section.ts';

/** A file beside the module `base`, as it is. */
export function asset(name: string, base: string | URL): Html {
  return raw(readFileSync(new URL(name, base), 'utf8'));
}

interface Page {
  /** What it is about: `Experiment`. */
  readonly kind: string;
  readonly title: string;
  /** The line below the title. */
  readonly lead: string;
  readonly sections: readonly Section[];
  readonly images: ImageStore;
  /** CSS beside that of all pages. */
  readonly style?: Html;
}

/** A whole HTML document. Everything is in it: it asks no network for anything. */
export async function wholePage({ kind, title, lead, sections, images, style }: Page): Promise<string> {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · dualprior</title>
        <style>
          ${asset('style.css', import.meta.url)}${style}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <p class="kind">${kind}</p>
          <h1>${title}</h1>
          <p class="lead">${lead}</p>
          <nav aria-label="Sections">${sections.map(({ id, title: name }) => html`<a href="#${id}">${name}</a> `)}</nav>
        </header>
        <main id="main">
          ${sections.map(
            ({ id, title: name, body }) =>
              html`<section id="${id}" aria-labelledby="${id}-title">
                <h2 id="${id}-title">${name}</h2>
                ${body}
              </section> `,
          )}
        </main>
        <noscript>The images of this page need JavaScript.</noscript>
        ${await images.data()}
        <script>
          ${asset('script.js', import.meta.url)};
        </script>
      </body>
    </html> `.markup;
}
