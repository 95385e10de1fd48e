import { Type } from '@sinclair/typebox';
import { schedules, type Schedule } from './schedule.ts';

/** The initial rate throughout. */
@schedules.component({ type: 'constant', description: 'the same rate throughout', options: Type.Object({}) })
export class ConstantSchedule implements Schedule {
  at(initial: number): number {
    return initial;
  }
}
