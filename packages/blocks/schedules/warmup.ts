import { Type, type Static } from '@sinclair/typebox';
import { schedules, type Schedule } from './schedule.ts';

const Options = Type.Object({
  iterations: Type.Integer({ minimum: 1, description: 'iterations in which the rate rises' }),
  startFactor: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.01,
    description: 'the first rate as a fraction of the initial one',
  }),
  then: schedules.option({
    default: { type: 'constant' },
    description: 'the schedule of the iterations after the warm-up, counted from its end',
  }),
});

/**
 * A straight rise from startFactor * initial to the initial rate, then another schedule over the iterations that remain
 * (PyTorch's LinearLR, then another one by SequentialLR).
 */
@schedules.component({
  type: 'warmup',
  description: 'linear rise to the initial rate, then another schedule',
  options: Options,
})
export class WarmupSchedule implements Schedule {
  constructor(private readonly options: Static<typeof Options>) {}

  at(initial: number, iteration: number, iterations: number): number {
    const { iterations: rise, startFactor, then } = this.options;
    if (iteration < rise) return initial * (startFactor + ((1 - startFactor) * iteration) / rise);
    return then.at(initial, iteration - rise, iterations - rise);
  }

  warnings(initial: number, iterations: number): string[] {
    const { iterations: rise, then } = this.options;
    if (rise < iterations) return then.warnings?.(initial, iterations - rise) ?? [];
    return [`the warm-up of ${rise} iterations will not end in ${iterations}, so the rate stays below ${initial}`];
  }
}
