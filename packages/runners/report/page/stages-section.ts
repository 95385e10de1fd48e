import type { Snapshot, StageHistory } from '../record/stage-history.ts';
import type { RunRecord } from '../report.ts';
import { existsSync } from 'node:fs';
import { html, type Html } from './html.ts';
import type { ImageStore } from './image-store.ts';
import type { Section } from './section.ts';

/** Pictures of a stage that are shown, evenly over its iterations, the first and the last among them. */
const SHOWN = 5;

/** The pictures that stages made on their way. */
export async function stagesSection({ stages }: RunRecord, images: ImageStore): Promise<Section | undefined> {
  const parts = await Promise.all(stages.map((stage) => strip(stage, images)));
  const shown = parts.filter((part) => part !== undefined);
  if (shown.length === 0) return undefined;
  return { id: 'samples', title: 'Samples of the stages', body: html`${shown}` };
}

async function strip({ name, snapshots }: StageHistory, images: ImageStore): Promise<Html | undefined> {
  const chosen = evenly(snapshots.filter(({ file }) => existsSync(file)));
  if (chosen.length === 0) return undefined;
  const pictures = await Promise.all(
    chosen.map(async ({ key, step, file }) => {
      const image = await images.show(file, `${key} of stage ${name} after ${step} iterations`);
      return html`<figure>
        ${image}
        <figcaption>${step.toLocaleString('en')} iterations</figcaption>
      </figure>`;
    }),
  );
  return html`<details class="samples">
    <summary>${name}</summary>
    <div class="scroll strip" role="region" aria-label="Samples of ${name}" tabindex="0">${pictures}</div>
  </details>`;
}

function evenly(snapshots: readonly Snapshot[]): Snapshot[] {
  const last = snapshots.length - 1;
  const wanted = Math.min(SHOWN, snapshots.length);
  return Array.from(
    { length: wanted },
    (_, i) => snapshots[wanted === 1 ? last : Math.round((i * last) / (wanted - 1))]!,
  );
}
