import type { Column } from '@dualprior/blocks';
import { UserError } from '@dualprior/core';
import { overSeeds, type OverSeeds } from '../evaluation/over-seeds.ts';
import type { ComparedMethod, ComparedRun } from './read-run.ts';
import { pairedDifference, type PairedDifference } from './resample.ts';
import { imagesDiffer } from './same-images.ts';
import { variantsOf, type ComparedVariant } from './variants.ts';

/** A method of a variant. */
export interface ComparedRow {
  readonly variant: string;
  readonly method: string;
  readonly seeds: readonly number[];
  /** In the order of the columns; undefined for a column that not all of its runs have. */
  readonly values: readonly (OverSeeds | undefined)[];
  /** To the same method of the first variant; absent for that, and where it has no such method. */
  readonly differences?: readonly (PairedDifference | undefined)[];
}

export interface RunComparison {
  readonly variants: readonly ComparedVariant[];
  /** Columns of any run. */
  readonly columns: readonly Column[];
  readonly rows: readonly ComparedRow[];
  /** What a reader must know, a sentence each. */
  readonly notes: readonly string[];
}

/** Percentile intervals over fewer seeds are too narrow. */
const FEW = 5;

/**
 * Puts runs beside each other: what differs in their configurations, mean and deviation over seeds, and paired differences to the variant of the first run.
 * @param names of variants, by the paths of their runs; without, a variant is named by what differs
 * Errors: no run; two runs of equal configuration and seed.
 */
export function compareRuns(runs: readonly ComparedRun[], names?: ReadonlyMap<string, string>): RunComparison {
  if (runs.length === 0) throw new UserError('There are no runs to compare.');
  const variants = variantsOf(runs, names);
  variants.forEach(refuseTwice);
  const columns = [...new Map(runs.flatMap((run) => run.columns.map((column) => [column.name, column]))).values()];
  const notes = new Set<string>();
  const [base] = variants;
  const rows = variants.flatMap((variant) => {
    const isSame = variant === base || haveSameImages(variant, base!, notes);
    return methodsOf(variant).map((method): ComparedRow => {
      const values = columns.map(({ name }) => valueOf(variant, method, name));
      const row = { variant: variant.name, method, seeds: variant.runs.map(({ seed }) => seed), values };
      if (variant === base || !methodsOf(base!).includes(method)) return row;
      const differences = columns.map(({ name }) => (isSame ? difference(variant, base!, method, name) : undefined));
      return { ...row, differences };
    });
  });
  if (variants.every(({ runs: own }) => own.length === 1)) {
    notes.add('One seed: intervals are over images, and do not cover variation between trainings.');
  }
  const few = Math.min(...variants.map(({ runs: own }) => own.length).filter((count) => count > 1));
  if (variants.length > 1 && few < FEW)
    notes.add(`With only ${few} seeds, the intervals are slightly too narrow; use ${FEW} or more.`);
  return { variants, columns, rows, notes: [...notes] };
}

function refuseTwice({ runs }: ComparedVariant): void {
  const again = runs.find((run, i) => runs.findIndex(({ seed }) => seed === run.seed) < i);
  if (!again) return;
  const first = runs.find(({ seed }) => seed === again.seed)!;
  throw new UserError(
    `${again.path} and ${first.path} are the same experiment with the same seed, ${again.seed}. Name one of them only.`,
  );
}

/** Methods that all runs of a variant have. */
function methodsOf({ runs }: ComparedVariant): string[] {
  return [...runs[0]!.methods.keys()].filter((method) => runs.every((run) => run.methods.has(method)));
}

function valueOf({ runs }: ComparedVariant, method: string, column: string): OverSeeds | undefined {
  const values = runs.flatMap((run) => {
    const c = run.columns.findIndex(({ name }) => name === column);
    return c < 0 ? [] : [run.methods.get(method)!.values[c]!];
  });
  return values.length < runs.length ? undefined : overSeeds(values);
}

/** Whether all runs of both were measured on the same test images. A note says why not. */
function haveSameImages(variant: ComparedVariant, base: ComparedVariant, notes: Set<string>): boolean {
  const [first, ...others] = [...base.runs, ...variant.runs];
  const different = others.find((run) => imagesDiffer(run, first!) !== undefined);
  if (!different) return true;
  const reason = `${different.path} was measured on other test images than ${first!.path}: ${imagesDiffer(different, first!)}`;
  notes.add(`There are no paired differences of ${variant.name}. ${reason}.`);
  return false;
}

/** Undefined for a column without a value per image. */
function difference(
  variant: ComparedVariant,
  base: ComparedVariant,
  method: string,
  column: string,
): PairedDifference | undefined {
  const [own, others] = [variant, base].map(({ runs }) => runs.map((run) => run.methods.get(method)!));
  const all = [...own!, ...others!];
  if (!all.every(({ images }) => images.columns.has(column))) return undefined;
  const trainings = ({ runs }: ComparedVariant, methods: readonly ComparedMethod[]) => ({
    seeds: runs.map(({ seed }) => seed),
    values: methods.map(({ images }) => images.columns.get(column)!),
  });
  return pairedDifference(trainings(variant, own!), trainings(base, others!), all[0]!.images.names);
}
