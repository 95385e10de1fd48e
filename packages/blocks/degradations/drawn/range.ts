import { Type, type Static } from '@sinclair/typebox';
import { UserError, type Stream } from '@dualprior/core';

interface Limits {
  readonly minimum: number;
  readonly maximum: number;
  readonly description: string;
  readonly default?: number | [number, number];
}

/** An option that is a number, or the two ends between which one is drawn for each image. */
export function rangeOption({ minimum, maximum, ...schema }: Limits) {
  const number = Type.Number({ minimum, maximum });
  return Type.Union([number, Type.Tuple([number, number])], schema);
}

type Range = Static<ReturnType<typeof rangeOption>>;

/** Draws numbers of a range, uniformly. Errors: its ends are the wrong way round. */
export function drawing(range: Range, option: string): (stream: Stream) => number {
  if (typeof range === 'number') return () => range;
  refuseDescending(option, range);
  return (stream) => stream.uniform(...range);
}

/** Errors: the ends of a range are the wrong way round. */
export function refuseDescending(option: string, [low, high]: readonly [number, number]): void {
  if (low <= high) return;
  throw new UserError(`${option} is [${low}, ${high}], but the smaller number comes first: [${high}, ${low}].`);
}
