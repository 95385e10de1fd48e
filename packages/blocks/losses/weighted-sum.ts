import { Type, type Static } from '@sinclair/typebox';
import { catalogue, UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, type Loss, type LossContext } from './loss.ts';
import { weight } from './weight.ts';

const Term = Type.Object(
  {
    weight: Type.Number({ minimum: 0, default: 1, description: 'lambda of the term' }),
    loss: losses.option({ description: 'the term' }),
    name: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z0-9_]*$',
        description: 'of its curve, `loss_NAME`; by default the type of its loss',
      }),
    ),
  },
  { additionalProperties: false },
);

const Options = Type.Object({
  terms: Type.Array(Term, { minItems: 1, description: 'what is summed, each with its weight' }),
  weight,
});

interface Term {
  readonly name: string;
  readonly weight: number;
  readonly loss: Loss;
}

/**
 * weight * (lambda_1 L_1 + lambda_2 L_2 + ...), as equations 2 and 3 are written. Each term has a curve of its own, with its
 * weight. Errors: two terms of one name.
 */
@losses.component({
  type: 'weighted-sum',
  description: 'sum of losses with weights',
  options: Options,
  about: ({ terms, weight }) => ({ weight, terms }),
})
export class WeightedSumLoss implements Loss {
  readonly needs: readonly (keyof LossContext)[];
  readonly #terms: readonly Term[];

  constructor({ terms, weight }: Static<typeof Options>) {
    this.#terms = terms.map((term) => ({
      name: term.name ?? nameOf(term.loss),
      weight: weight * term.weight,
      loss: term.loss,
    }));
    const twice = this.#terms.find(({ name }, i) => this.#terms.findIndex((other) => other.name === name) < i);
    if (twice) throw new UserError(`two terms are named "${twice.name}"; give one of them another \`name\`.`);
    this.needs = [...new Set(terms.flatMap(({ loss }) => loss.needs ?? []))];
  }

  get minimumSide(): number {
    return Math.max(...this.#terms.map(({ loss }) => loss.minimumSide ?? 1));
  }

  compute(prediction: Tensor4D, target: Tensor4D, context?: LossContext): Scalar {
    return tf.addN([...this.terms(prediction, target, context).values()]);
  }

  terms(prediction: Tensor4D, target: Tensor4D, context?: LossContext): ReadonlyMap<string, Scalar> {
    return new Map(
      this.#terms.map(({ name, weight, loss }) => [name, tf.mul(weight, loss.compute(prediction, target, context))]),
    );
  }

  async prepare(): Promise<void> {
    for (const { loss } of this.#terms) await loss.prepare?.();
  }

  dispose(): void {
    for (const { loss } of this.#terms) loss.dispose?.();
  }
}

function nameOf(loss: Loss): string {
  return loss.label ?? (catalogue.typeOf('loss', loss) ?? 'term').replaceAll('-', '_');
}
