import { asset } from '../report/page/document.ts';
import { html, json, type Html } from '../report/page/html.ts';
import { BACKENDS, NAMES } from './page/names.ts';
import type { PageSettings } from './page/model.ts';

/** Sides of tiles in pixels that may be chosen. */
const TILES = [128, 256, 512, 1024];
const TILE = 512;

interface PageOptions extends PageSettings {
  /** Where the methods come from. */
  readonly title: string;
  /** Whether the visitor's machine does the work. Else the server does. */
  readonly isLocal: boolean;
}

/** The page that restores photographs. Its script is `page.js` beside it. */
export function pageDocument({ title, isLocal, methods, samples }: PageOptions): string {
  const settings: PageSettings = { methods, samples };
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>Restore a photograph · ${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${asset('../report/page/style.css', import.meta.url)}${asset('style.css', import.meta.url)}
        </style>
      </head>
      <body>
        <header class="centred">
          <p class="kind">${title}</p>
          <h1>Restore a photograph</h1>
          <p class="lead">
            ${isLocal ? 'It stays on this device: nothing is sent anywhere.' : "Your photograph is sent only to this page's server."}
          </p>
        </header>
        <main>
          <section id="restore" aria-label="Restore a photograph">
            <p id="message" role="alert"></p>
            <div data-in="empty">
              <label class="drop">
                <input id="file" class="unseen" type="file" accept="image/*" />
                ${PICTURE}
                <b>Drop a photograph here</b>
                <span>or choose one · PNG, JPEG, WebP, AVIF</span>
              </label>
              ${samples.length > 0 && samplesOf(samples)}
            </div>
            <div data-in="working done" hidden>
              <div class="stack" id="stack">
                <img id="slider-right" alt="" />
                <img id="slider-left" alt="The photograph, on the left" />
                <input
                  id="slider-divider"
                  type="range"
                  min="0"
                  max="100"
                  value="50"
                  aria-label="Divider between before and after, in percent from the left"
                />
                <span class="tag left" aria-hidden="true">before</span>
                <span class="tag right" aria-hidden="true">after</span>
              </div>
            </div>
            <div class="below" data-in="working" hidden>
              <div class="doing">
                <p id="words" role="status">Starting …</p>
                <progress id="progress" max="1" aria-labelledby="words"></progress>
              </div>
              <button id="stop" class="button" type="button">Stop</button>
            </div>
            <div class="below" data-in="done" hidden>
              <p id="facts" role="status"></p>
              <div class="buttons">
                <button id="another" class="button" type="button">Another photograph</button>
                <a id="save" class="button first">Save</a>
              </div>
            </div>
            <p id="notes" role="status"></p>
            <div class="wishes">
              ${choice('method', 'Method', methods, methods.length > 1)}
              ${isLocal && choice('backend', 'Computed with', ['', ...BACKENDS])}
              ${choice('tile', 'Tiles, in pixels a side', TILES, isLocal)}
            </div>
          </section>
        </main>
        <footer>Restored by dualprior${isLocal && ', with TensorFlow.js'}.</footer>
        <noscript>This page needs JavaScript.</noscript>
        <script type="application/json" id="settings">
          ${json(settings)}
        </script>
        <script src="page.js"></script>
      </body>
    </html> `.markup;
}

/** Only what lies beside the page may be read; nothing else can be asked for. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self' blob: data:",
  "img-src 'self' blob: data:",
  "style-src 'unsafe-inline'",
].join('; ');

const PICTURE = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <rect x="3" y="4" width="18" height="16" rx="2.5" />
  <circle cx="8.5" cy="9.5" r="1.6" />
  <path d="m4 17 5-4.5 3.5 3 3-2.5 5 4" />
</svg>`;

function samplesOf(samples: PageSettings['samples']): Html {
  return html`<div class="samples">
    <span>Or try</span>
    ${samples.map(
      ({ name, file }, i) =>
        html`<button id="sample-${i}" type="button">
          <img src="${file}" alt="${name}" width="56" height="56" />
        </button>`,
    )}
  </div>`;
}

/** A list from which one thing is chosen; there, but not seen where there is nothing to choose. */
function choice(id: string, label: string, options: readonly (string | number)[], isShown = true): Html {
  const text = (option: string | number) =>
    option === '' ? 'Automatic' : option in NAMES ? NAMES[option as keyof typeof NAMES] : option;
  const list = html`<select id="${id}">
    ${options.map((option) =>
      option === TILE
        ? html`<option value="${option}" selected>${text(option)}</option>`
        : html`<option value="${option}">${text(option)}</option>`,
    )}
  </select>`;
  return isShown ? html`<label>${label} ${list}</label>` : html`<span hidden>${list}</span>`;
}
