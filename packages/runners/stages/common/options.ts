import { Type } from '@sinclair/typebox';

/** Options that several stages have. */

export const batchOption = (size: number) =>
  Type.Object(
    { size: Type.Integer({ minimum: 1, maximum: 4096, default: size, description: 'images per step' }) },
    { default: {}, additionalProperties: false },
  );

const accumulateOption = Type.Optional(
  Type.Integer({
    minimum: 2,
    maximum: 4096,
    description:
      'batches per step, whose gradients are averaged: as one batch of so many times the size, in the memory of one',
  }),
);

/** `batch` of a stage that may accumulate gradients. */
export const accumulatedBatchOption = (size: number) =>
  Type.Object(
    { ...batchOption(size).properties, accumulate: accumulateOption },
    { default: {}, additionalProperties: false },
  );

/** What is done to images at random where they must not be turned. */
export const flipOption = (description: string) =>
  Type.Object({ flip: Type.Boolean({ default: true, description }) }, { default: {}, additionalProperties: false });

export const augmentOption = Type.Object(
  {
    flip: Type.Boolean({ default: true, description: 'flip horizontally at random' }),
    rotate: Type.Boolean({ default: false, description: 'rotate by multiples of 90 degrees at random' }),
  },
  { default: {}, additionalProperties: false },
);

export const checkpointOptions = {
  saveEvery: Type.Integer({
    minimum: 1,
    default: 500,
    description: 'iterations between checkpoints',
    'x-identity': false,
  }),
  logEvery: Type.Integer({
    minimum: 1,
    default: 50,
    description: 'iterations between points of the curves',
    'x-identity': false,
  }),
};

export const intervalOptions = {
  validateEvery: Type.Integer({ minimum: 1, default: 1000, description: 'iterations between validations' }),
  ...checkpointOptions,
};

/** The default of an optimizer option. */
export function adamOf(learningRate: number, ...betas: [number, number]): object {
  return { type: 'adam', learningRate, betas };
}

const progressivePart = Type.Object(
  {
    from: Type.Integer({ minimum: 1, description: 'iterations before it' }),
    size: Type.Integer({ minimum: 1, maximum: 4096, description: 'images per step' }),
    crop: Type.Integer({ minimum: 8, maximum: 8192, description: 'side of the square, in pixels' }),
  },
  { additionalProperties: false },
);

/** `batch` of a stage that may train on crops. */
export const croppedBatchOption = Type.Object(
  {
    size: Type.Integer({ minimum: 1, maximum: 4096, default: 8, description: 'images per step' }),
    crop: Type.Optional(
      Type.Integer({
        minimum: 8,
        maximum: 8192,
        description: 'side of a random square, in pixels; the whole image if absent',
      }),
    ),
    accumulate: accumulateOption,
    progressive: Type.Optional(
      Type.Array(progressivePart, {
        description: 'progressive training: later sizes and crops, e.g. fewer, larger squares',
      }),
    ),
  },
  { default: {}, additionalProperties: false },
);
