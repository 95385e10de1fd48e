import { html, json, type Html } from './html.ts';
import type { ImageStore } from './image-store.ts';

/** A list from which one thing is chosen. */
interface Choice {
  readonly label: string;
  readonly options: readonly string[];
  /** Index of the first choice; 0 by default. */
  readonly chosen?: number;
}

/** Images that are divided two at a time. */
interface SliderImages {
  /** What is chosen of both sides: the image, say. N and P go through the first list. */
  readonly choices: readonly Choice[];
  /** What each side may show. */
  readonly labels: readonly string[];
  readonly left: string;
  readonly right: string;
  /** For the indices of what is chosen: label -> file. Labels without a file have no image there. */
  readonly frames: readonly { readonly of: readonly number[]; readonly files: ReadonlyMap<string, string> }[];
}

/** Two images on top of each other with a divider. A page has one. */
export async function slider(
  { choices, labels, left, right, frames }: SliderImages,
  images: ImageStore,
): Promise<Html> {
  const keys = await Promise.all(
    frames.map(async ({ of, files }) => {
      const entries = [...files].map(async ([label, file]) => [label, (await images.add(file)).key] as const);
      return [of.join(' '), Object.fromEntries(await Promise.all(entries))] as const;
    }),
  );
  const sides = [
    { label: 'Left', options: labels, chosen: labels.indexOf(left) },
    { label: 'Right', options: labels, chosen: labels.indexOf(right) },
  ];
  return html`
    <div class="slider">
      <div class="choices">
        ${choices.map((choice, i) => list(choice, `slider-choice-${i}`))}
        ${sides.map((side) => list(side, `slider-of-${side.label.toLowerCase()}`))}
      </div>
      <div class="stack">
        <img id="slider-right" alt="" />
        <img id="slider-left" alt="" />
        <input
          id="slider-divider"
          type="range"
          min="0"
          max="100"
          value="50"
          aria-label="Divider between the left and the right image, in percent from the left"
        />
        <span class="tag left" aria-hidden="true"></span><span class="tag right" aria-hidden="true"></span>
      </div>
      <p class="legend">
        Drag the divider, or focus it and use the arrow keys. N and P, or the list, go to another image.
      </p>
    </div>
    <script type="application/json" id="slider-keys">
      ${json({ labels, frames: Object.fromEntries(keys) })}
    </script>
  `;
}

/** Options have their index as value. */
function list({ label, options, chosen = 0 }: Choice, id: string): Html {
  return html`<label for="${id}">${label}</label>
    <select id="${id}">
      ${options.map((text, i) =>
        i === chosen
          ? html`<option value="${i}" selected>${text}</option>`
          : html`<option value="${i}">${text}</option>`,
      )}
    </select>`;
}
