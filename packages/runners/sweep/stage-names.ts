import { shortNames, uniqueName, UserError, type Experiment, type Sweep, type Variant } from '@dualprior/core';

/** A stage that some runs of a sweep have. */
export interface SweepStage {
  /** In the experiment. */
  readonly stage: string;
  /** For display and folders: `fuse`, `fuse · no-adversarial`, `fuse · width=16 · seed 1`. */
  readonly name: string;
  /** One that has it. */
  readonly experiment: Experiment;
}

/**
 * The different stages of a sweep, each once, in the order in which its runs have them. What all runs that have a stage have in common,
 * and not with the base, names it. One that depends on a file or folder that cannot be read is left out.
 */
export function sweepStages(sweep: Sweep): SweepStage[] {
  const groups = new Map<string, { stage: string; variants: Variant[] }>();
  for (const variant of sweep.variants) {
    for (const stage of variant.experiment.entries('stages').keys()) {
      const id = identityIfKnown(variant.experiment, stage);
      if (id === undefined) continue;
      const group = groups.get(id) ?? { stage, variants: [] };
      group.variants.push(variant);
      groups.set(id, group);
    }
  }
  const taken = new Set<string>();
  return [...groups.values()].map(({ stage, variants }) => {
    const parts = [stage, inCommon(variants), seedOf(variants, sweep)].filter((part) => part !== '');
    const plain = asFileName(parts.join(' · '));
    const name = uniqueName(plain, taken);
    return { stage, name, experiment: variants[0]!.experiment };
  });
}

function identityIfKnown(experiment: Experiment, stage: string): string | undefined {
  try {
    return experiment.identity('stages', stage);
  } catch (error) {
    if (error instanceof UserError) return undefined; // its run says so
    throw error;
  }
}

/** What differs from the base in all of them. */
function inCommon(variants: readonly Variant[]): string {
  const names = [...new Set(variants.map(({ name }) => name))];
  if (names.includes('')) return '';
  if (names.length === 1) return names[0]!;
  const [first, ...others] = variants.map(({ changes }) => changes);
  const equal = Object.entries(first!).filter(([path, value]) =>
    others.every((changes) => JSON.stringify(changes[path]) === JSON.stringify(value)),
  );
  const short = shortNames(equal.map(([path]) => path));
  return equal.length === 0
    ? names.join(' or ')
    : equal.map(([path, value]) => `${short.get(path)}=${shown(value)}`).join(', ');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Empty where the stage is the same for several seeds, or where there are not several. */
function seedOf(variants: readonly Variant[], { seeds }: Sweep): string {
  const own = new Set(variants.map(({ experiment }) => experiment.seed));
  return seeds.length > 1 && own.size === 1 ? `seed ${[...own][0]}` : '';
}

/** At most 120 characters, none that folders cannot have. */
function asFileName(text: string): string {
  return text
    .replaceAll(/[/\\\p{C}]/gu, '_')
    .replace(/^\.+/, '_')
    .slice(0, 120);
}
