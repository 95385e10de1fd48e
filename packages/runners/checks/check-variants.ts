import { UserError, type Experiment, type Log, type Sweep } from '@dualprior/core';

/**
 * Checks every variant of a sweep, with its first seed: what is checked is the same for all seeds. Lines that several variants log are shown once.
 * Errors: `UserError` with all that is wrong with any of them, the same mistake once, with the names of the variants that have it.
 */
export function checkVariants(
  { variants, seeds }: Sweep,
  log: Log,
  check: (experiment: Experiment, log: Log) => void,
): void {
  const distinct = withoutRepeats(log);
  const found = new Map<string, { readonly error: UserError; readonly variants: string[] }>();
  for (const { name, experiment } of variants) {
    if (experiment.seed !== seeds[0]) continue;
    try {
      check(experiment, distinct);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const known = found.get(error.message) ?? { error, variants: [] };
      known.variants.push(name);
      found.set(error.message, known);
    }
  }
  if (found.size === 0) return;
  const count = variants.filter(({ experiment }) => experiment.seed === seeds[0]).length;
  const told = [...found.values()].map(({ error, variants: wrong }) => {
    const isBase = wrong.includes(''); // it is no mistake of the variants
    const whose = isBase || wrong.length === count ? '' : `In ${wrong.map((name) => `"${name}"`).join(', ')}:\n`;
    return `${whose}${error.message}`;
  });
  throw new UserError(
    told.join('\n\n'),
    [...found.values()].flatMap(({ error }) => error.problems),
  );
}

function withoutRepeats(log: Log): Log {
  const shown = new Set<string>();
  const info = (line: string) => {
    if (!shown.has(line)) log.info(line);
    shown.add(line);
  };
  return { info, warn: (line) => log.warn(line) };
}
