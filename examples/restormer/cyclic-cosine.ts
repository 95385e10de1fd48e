import { schedules, type Schedule } from '@dualprior/blocks';
import { Type, type Static } from '@sinclair/typebox';

const Options = Type.Object({
  cycles: Type.Array(
    Type.Object(
      {
        iterations: Type.Integer({ minimum: 1, description: 'length of the cycle' }),
        minimum: Type.Number({ minimum: 0, description: 'the rate at its end (eta_min)' }),
        weight: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'factor of the rate above the minimum' }),
      },
      { additionalProperties: false },
    ),
    { minItems: 1, description: 'one after the other' },
  ),
});

/**
 * Half a cosine in each cycle, from the initial rate to the minimum of the cycle: Restormer's CosineAnnealingRestartCyclicLR. A cycle whose minimum is the
 * initial rate is constant.
 */
@schedules.component({
  type: 'cyclic-cosine',
  description: 'half a cosine in each of several cycles, each with a minimum of its own',
  options: Options,
})
export class CyclicCosine implements Schedule {
  constructor(private readonly options: Static<typeof Options>) {}

  at(initial: number, iteration: number): number {
    const { cycles } = this.options;
    let start = 0;
    for (const { iterations, minimum, weight } of cycles) {
      if (iteration <= start + iterations) {
        const progress = (iteration - start) / iterations;
        return minimum + (weight * (initial - minimum) * (1 + Math.cos(Math.PI * progress))) / 2;
      }
      start += iterations;
    }
    return cycles.at(-1)!.minimum;
  }

  warnings(_initial: number, iterations: number): string[] {
    const length = this.options.cycles.reduce((sum, cycle) => sum + cycle.iterations, 0);
    return length === iterations
      ? []
      : [`the cycles of the rate are ${length} iterations long, the training ${iterations}`];
  }
}
