import { losses, termsOf } from '@dualprior/blocks';
import type { ComponentSpec } from '@dualprior/core';

/** A weight of the paper's equations 2 to 4, and how a stage's losses show it. */
interface Lambda {
  readonly symbol: string;
  readonly paper: number;
  /** The loss whose weight it is. */
  readonly loss: string;
  /** Whether it is the weight of a part of that loss (`LossFacts.lambdas`), not its own. */
  readonly inside?: boolean;
}

/** L_E, stage 1. */
export const EQUATION_2: readonly Lambda[] = [
  { symbol: 'the weight of L_1', paper: 1, loss: 'l1' },
  { symbol: 'lambda_per', paper: 10, loss: 'lpips' },
  { symbol: 'lambda_adv', paper: 0.3, loss: 'gan-nonsaturating' },
];

/** L_F, stage 2, with equation 4 in it. */
export const EQUATION_3: readonly Lambda[] = [
  { symbol: 'the weight of L_1', paper: 1, loss: 'l1' },
  { symbol: 'lambda_per', paper: 10, loss: 'lpips' },
  { symbol: 'lambda_fc', paper: 1, loss: 'fusion-contextual' },
  { symbol: 'lambda_cxR', paper: 0.01, loss: 'fusion-contextual', inside: true },
  { symbol: 'lambda_cxG', paper: 0.05, loss: 'fusion-contextual', inside: true },
];

/** Every weight of a loss that is not the equation's, and every term that it has not; for display. */
export function departuresFrom(equation: readonly Lambda[], loss: ComponentSpec): string[] {
  const terms = termsOf(loss).map((term) => ({ type: term.type, ...losses.about(term) }));
  const departures = equation.flatMap(({ symbol, paper, loss: type, inside = false }) => {
    const found = terms.filter((term) => term.type === type);
    if (found.length === 0 && inside) return [];
    const values = found.map(({ weight, lambdas }) => (inside ? lambdas?.[symbol] : weight));
    return values.length === 1 && Math.abs(values[0]! - paper) < 1e-9 * paper
      ? []
      : [`${symbol} ${values.join(' and ') || 0} (paper ${paper})`];
  });
  const strangers = terms
    .filter(({ type }) => !equation.some((lambda) => lambda.loss === type))
    .map(({ type, weight }) => `${type} ${weight} (not in the paper)`);
  return [...departures, ...strangers];
}
