import { Type, type Static } from '@sinclair/typebox';
import { schedules, type Schedule } from './schedule.ts';

const Options = Type.Object({
  milestones: Type.Array(Type.Integer({ minimum: 1 }), {
    minItems: 1,
    description: 'iterations (from 0) at which the rate is multiplied by gamma',
  }),
  gamma: Type.Number({ exclusiveMinimum: 0, default: 0.1, description: 'factor at each milestone' }),
});

/** initial * gamma^(milestones reached), as PyTorch's MultiStepLR. */
@schedules.component({ type: 'multistep', description: 'multiplied by gamma at each milestone', options: Options })
export class MultistepSchedule implements Schedule {
  constructor(private readonly options: Static<typeof Options>) {}

  at(initial: number, iteration: number): number {
    const { milestones, gamma } = this.options;
    return initial * gamma ** milestones.filter((milestone) => iteration >= milestone).length;
  }

  warnings(_initial: number, iterations: number): string[] {
    const beyond = this.options.milestones.filter((milestone) => milestone >= iterations);
    if (beyond.length === 0) return [];
    const which = `${beyond.length > 1 ? 'milestones' : 'milestone'} ${beyond.join(' and ')}`;
    return [`the ${which} of the rate will not be reached in ${iterations} iterations`];
  }
}
