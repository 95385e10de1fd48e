import { basename } from 'node:path';
import { UserError } from '@dualprior/core';
import { readStageHistory } from '../../report/record/stage-history.ts';
import type { Line } from '../../report/page/chart.ts';
import { linkedStages } from '../../store/linked-stages.ts';
import type { ComparedRun } from '../read-run.ts';
import type { ComparedVariant } from '../variants.ts';
import { firstVariants, MOST } from './shown.ts';

export interface ComparedCurves {
  /** Stage -> term -> its lines over each other. */
  readonly stages: ReadonlyMap<string, ReadonlyMap<string, readonly Line[]>>;
  /** Names of the variants, in the order of their colours. */
  readonly variants: readonly string[];
  /** What is not shown, a sentence each. */
  readonly leftOut: readonly string[];
}

/** One training, by the variants and seeds that have it. */
interface Training {
  readonly curves: readonly { readonly name: string; readonly points: Line['points'] }[];
  /** Indices of the variants. */
  readonly variants: Set<number>;
  readonly labels: string[];
  /** The loss it minimises: `psnr`, `l1 + perceptual`; empty where it has no such option. */
  readonly objective: string;
}

/** The curves of all stages of the variants. One that several variants have in common is one line. */
export async function comparedCurves(all: readonly ComparedVariant[]): Promise<ComparedCurves> {
  const { shown, leftOut } = firstVariants(all, MOST.curves, 'curves');
  const notes = [...leftOut];
  const stages = new Map<string, Map<string, Training>>();
  for (const [i, { name, runs }] of shown.entries()) {
    for (const run of runs.slice(0, MOST.seeds)) {
      const label = runs.length > 1 ? `${name} · seed ${run.seed}` : name;
      await addRun(run, { index: i, label }, stages, notes);
    }
    if (runs.length > MOST.seeds)
      notes.push(`Of ${name} the curves of ${MOST.seeds} of ${runs.length} seeds are shown.`);
  }
  return {
    stages: new Map([...stages].map(([stage, trainings]) => [stage, termsOf([...trainings.values()])])),
    variants: shown.map(({ name }) => name),
    leftOut: notes,
  };
}

async function addRun(
  { path, config }: ComparedRun,
  { index, label }: { readonly index: number; readonly label: string },
  stages: Map<string, Map<string, Training>>,
  notes: string[],
): Promise<void> {
  for (const [stage, folder] of linkedStages(path, Object.keys(config['stages'] ?? {}))) {
    const trainings = stages.get(stage) ?? new Map<string, Training>();
    stages.set(stage, trainings);
    const known = trainings.get(folder.path);
    if (known) {
      known.variants.add(index);
      known.labels.push(label);
      continue;
    }
    try {
      const about = { type: '', images: undefined };
      const { curves } = await readStageHistory(stage, basename(folder.path), about, folder);
      trainings.set(folder.path, {
        curves,
        variants: new Set([index]),
        labels: [label],
        objective: objectiveOf(config, stage),
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      notes.push(`The curves of ${stage} of ${label} are left out: ${error.message}`);
    }
  }
}

function objectiveOf(config: ComparedRun['config'], stage: string): string {
  const { loss } = (config['stages'] as Record<string, { loss?: Loss } | undefined>)[stage] ?? {};
  return loss
    ? Object.values(loss.terms ?? [loss])
        .map(({ type }) => type)
        .join(' + ')
    : '';
}

interface Loss {
  readonly type: string;
  /** A list, or by name. */
  readonly terms?: readonly Loss[] | Readonly<Record<string, Loss>>;
}

/** Lines of one name, a chart each; where trainings minimise losses of different types, those of one, as their scales differ. */
function termsOf(trainings: readonly Training[]): Map<string, Line[]> {
  const terms = new Map<string, Line[]>();
  const differ = new Set(trainings.map(({ objective }) => objective)).size > 1;
  for (const { curves, variants, labels, objective } of trainings) {
    const [first] = variants;
    const kind = variants.size > 1 ? 'shared' : `v${first}`;
    for (const { name: term, points } of curves) {
      const name = differ && objective && term === 'loss' ? `${term} (${objective})` : term;
      terms.set(name, [...(terms.get(name) ?? []), { points, label: labels.join(', '), kind }]);
    }
  }
  return terms;
}
