import { Type, type Static } from '@sinclair/typebox';
import { UserError, type Random } from '@dualprior/core';
import { degradations, type Degradation, type Degrade } from './degradation.ts';

const Options = Type.Object({
  choices: Type.Array(
    Type.Object(
      {
        probability: Type.Number({ minimum: 0, maximum: 1, description: 'its probability' }),
        degradation: degradations.option({ description: 'the degradation' }),
      },
      { additionalProperties: false },
    ),
    { minItems: 1, description: 'at most one of these is applied; none with the remaining probability' },
  ),
});

/** For roundings in sums of probabilities. */
const EPSILON = 1e-9;

/** One of several degradations, or none, drawn for each image. Errors: the probabilities sum to more than 1. */
@degradations.component({
  type: 'choice',
  description: 'one of several degradations at random, or none',
  options: Options,
})
export class Choice implements Degradation {
  constructor(private readonly options: Static<typeof Options>) {
    const sum = options.choices.reduce((total, { probability }) => total + probability, 0);
    if (sum > 1 + EPSILON) throw new UserError(`choice: the probabilities sum to ${sum}, but to 1 at most.`);
  }

  bind(random: Random): Degrade {
    const choices = this.options.choices.map(({ probability, degradation }) => ({
      probability,
      degrade: degradation.bind(random),
    }));
    return (image, stream, window, original) => {
      let left = stream.uniform();
      for (const { probability, degrade } of choices) {
        left -= probability;
        if (left < 0) return degrade(image, stream, window, original);
      }
      return image;
    };
  }
}
