import type { ComponentSpec, Experiment } from '@dualprior/core';

/** A weight of the paper's equations 2 to 4, and how a stage's losses show it. */
interface Lambda {
  readonly symbol: string;
  readonly paper: number;
  /** The loss whose weight it is. */
  readonly loss: string;
  /** The option of that loss that holds it; without it, it is the weight of the term. */
  readonly option?: string;
}

/** By the type of the stage that an equation trains. */
const EQUATIONS: Readonly<Record<string, readonly Lambda[]>> = {
  'gan-inversion': [
    { symbol: 'the weight of L_1', paper: 1, loss: 'l1' },
    { symbol: 'lambda_per', paper: 10, loss: 'lpips' },
    { symbol: 'lambda_adv', paper: 0.3, loss: 'gan-nonsaturating' },
  ],
  fusion: [
    { symbol: 'the weight of L_1', paper: 1, loss: 'l1' },
    { symbol: 'lambda_per', paper: 10, loss: 'lpips' },
    { symbol: 'lambda_fc', paper: 1, loss: 'fusion-contextual' },
    { symbol: 'lambda_cxR', paper: 0.01, loss: 'fusion-contextual', option: 'lambdaRegressed' },
    { symbol: 'lambda_cxG', paper: 0.05, loss: 'fusion-contextual', option: 'lambdaInverted' },
  ],
};

/** Every lambda of equations 2 to 4 that is not the paper's, a line a stage. */
export function lambdaDepartures(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, spec]) => {
    const equation = EQUATIONS[spec.type];
    const loss = spec['loss'] as ComponentSpec | undefined;
    if (!equation || !loss) return [];
    const terms = termsOf(loss);
    const departures = equation.flatMap((lambda) => {
      const found = terms.filter(({ loss: { type } }) => type === lambda.loss);
      if (found.length === 0 && lambda.option !== undefined) return [];
      const values = found.map(({ weight, loss }) =>
        lambda.option === undefined ? weight : Number(loss[lambda.option]),
      );
      return values.length === 1 && Math.abs(values[0]! - lambda.paper) < 1e-9 * lambda.paper
        ? []
        : [`${lambda.symbol} ${values.join(' and ') || 0} (paper ${lambda.paper})`];
    });
    const strangers = terms
      .filter(({ loss: { type } }) => !equation.some((lambda) => lambda.loss === type))
      .map(({ weight, loss: { type } }) => `${type} ${weight} (not in the paper)`);
    const all = [...departures, ...strangers];
    return all.length === 0 ? [] : [`Stage ${name} departs from the paper's equations: ${all.join(', ')}.`];
  });
}

interface Term {
  readonly weight: number;
  readonly loss: ComponentSpec;
}

/** The terms of a weighted sum, also of sums within it, with their whole weights. */
function termsOf(loss: ComponentSpec, outer = 1): Term[] {
  const weight = outer * Number(loss['weight'] ?? 1);
  if (loss.type !== 'weighted-sum') return [{ weight, loss }];
  const terms = loss['terms'] as readonly { readonly weight: number; readonly loss: ComponentSpec }[];
  return terms.flatMap((term) => termsOf(term.loss, weight * term.weight));
}
