import { Type, type Static } from '@sinclair/typebox';
import { catalogue, UserError, withOptions, type ComponentSpec } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, type Loss, type LossContext } from './loss.ts';

const term = losses.option({ description: 'a loss, with its weight' });

const Options = Type.Object({
  terms: Type.Union(
    [
      Type.Array(term, { minItems: 1 }),
      Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]*$' }), term, { minProperties: 1 }),
    ],
    {
      description:
        'losses, each with its weight: a list, or a map from names; the curve of a term is `loss_NAME`, by default that of its type',
    },
  ),
});

/**
 * lambda_1 L_1 + lambda_2 L_2 + ..., as equations 2 and 3 are written; each lambda is the `weight` of its loss. Each term has a curve of
 * its own, with its weight. Errors: two terms of one name.
 */
@losses.component({
  type: 'weighted-sum',
  description: 'sum of losses, each with its weight',
  options: Options,
  about: ({ terms }) => ({ weight: 1, terms: Object.values<ComponentSpec>(terms) }),
  renamed: { weight: '"weight" of each of its terms' },
  formerly: ({ terms }, options) => ({ terms: formerTerms(terms as Counted, options.terms), weight: 1 }),
})
export class WeightedSumLoss implements Loss {
  readonly needs: readonly (keyof LossContext)[];
  readonly #terms: ReadonlyMap<string, Loss>;

  constructor({ terms }: Static<typeof Options>) {
    this.#terms = Array.isArray(terms) ? byType(terms) : new Map(Object.entries(terms));
    this.needs = [...new Set(this.#losses.flatMap(({ needs = [] }) => needs))];
  }

  get minimumSide(): number {
    return Math.max(...this.#losses.map(({ minimumSide = 1 }) => minimumSide));
  }

  compute(prediction: Tensor4D, target: Tensor4D, context?: LossContext): Scalar {
    return tf.addN([...this.terms(prediction, target, context).values()]);
  }

  terms(prediction: Tensor4D, target: Tensor4D, context?: LossContext): ReadonlyMap<string, Scalar> {
    return new Map([...this.#terms].map(([name, loss]) => [name, loss.compute(prediction, target, context)]));
  }

  async prepare(): Promise<void> {
    for (const loss of this.#losses) await loss.prepare?.();
  }

  dispose(): void {
    for (const loss of this.#losses) loss.dispose?.();
  }

  get #losses(): Loss[] {
    return [...this.#terms.values()];
  }
}

function byType(losses: readonly Loss[]): Map<string, Loss> {
  const names = losses.map(nameOf);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return new Map(names.map((name, i) => [name, losses[i]!]));
  throw new UserError(`two terms are named "${twice}"; name all terms: {terms: {a: {type: ...}, b: {type: ...}}}.`);
}

function nameOf(loss: Loss): string {
  return loss.label ?? (catalogue.typeOf('loss', loss) ?? 'term').replaceAll('-', '_');
}

/** Terms as hashes have them. */
type Counted = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Terms as they were: `{weight: 10, loss: {type: lpips, weight: 1}, name: NAME}`. */
function formerTerms(counted: Counted, terms: object): object[] {
  return Object.entries<ComponentSpec>(terms as Readonly<Record<string, ComponentSpec>>).map(([key, spec]) => {
    const { weight = 1 } = withOptions(spec);
    const name = Array.isArray(terms) ? undefined : key;
    return { weight, loss: unweighted(counted[key]!), name };
  });
}

/** Its options stand beside its type or in `options`. */
function unweighted(loss: Counted[string]): object {
  if (typeof loss['options'] === 'object') return { ...loss, options: unweighted(loss['options'] as Counted[string]) };
  return 'weight' in loss ? { ...loss, weight: 1 } : loss;
}
