import { Type, type TProperties } from '@sinclair/typebox';
import { schedules } from '../../schedules/schedule.ts';

const beta = (description: string) => Type.Number({ minimum: 0, exclusiveMaximum: 1, description });

/** The options of Adam and AdamW; they differ in what weight decay means. */
export function adamOptions(weightDecay: { default: number; description: string }) {
  return Type.Object({
    learningRate: Type.Number({ exclusiveMinimum: 0, default: 1e-3, description: 'initial learning rate' }),
    schedule: schedules.option({
      default: { type: 'constant' },
      description: 'how the learning rate changes over the training',
    }),
    betas: Type.Tuple([beta('of the mean of the gradients'), beta('of the mean of their squares')], {
      default: [0.9, 0.999],
      description: 'decay of the running means of the gradient and of its square',
    }),
    epsilon: Type.Number({
      exclusiveMinimum: 0,
      default: 1e-8,
      description: 'added to the root of the mean square',
    }),
    weightDecay: Type.Number({ minimum: 0, ...weightDecay }),
    clipNorm: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'maximum norm of the gradient over all parameters; larger gradients are scaled down',
      }),
    ),
  } satisfies TProperties);
}
