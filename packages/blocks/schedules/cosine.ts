import { Type, type Static } from '@sinclair/typebox';
import { schedules, type Schedule } from './schedule.ts';

const Options = Type.Object({
  minimum: Type.Number({
    minimum: 0,
    default: 1e-7,
    description: 'the rate at the end (eta_min)',
  }),
});

/**
 * minimum + (initial - minimum) (1 + cos(pi t / T)) / 2 at iteration t of all T iterations of the training, without
 * restarts (Loshchilov and Hutter 2017). NAFNet's and HINet's TrueCosineAnnealingLR, PyTorch's CosineAnnealingLR.
 */
@schedules.component({
  type: 'cosine',
  description: 'half a cosine from the initial rate to the minimum over the whole training',
  options: Options,
})
export class CosineSchedule implements Schedule {
  constructor(private readonly options: Static<typeof Options>) {}

  at(initial: number, iteration: number, iterations: number): number {
    const { minimum } = this.options;
    return minimum + ((initial - minimum) * (1 + Math.cos((Math.PI * iteration) / iterations))) / 2;
  }

  warnings(initial: number): string[] {
    const { minimum } = this.options;
    return minimum > initial ? [`the rate will rise from ${initial} to its \`minimum\`, ${minimum}`] : [];
  }
}
