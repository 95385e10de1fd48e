import type { JournalNumber } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Unreadable } from '@dualprior/blocks';

const Count = Type.Integer({ minimum: 0 });
const Figure = Type.Unsafe<JournalNumber>(
  Type.Union([Type.Number(), Type.Literal('NaN'), Type.Literal('Infinity'), Type.Literal('-Infinity')]),
);

const Images = Type.Array(
  Type.Object({
    index: Count,
    name: Type.String(),
    file: Type.String(),
    reason: Type.String(),
    isKnown: Type.Boolean(),
  }),
);

/** What a stage uses a data set for. */
export type Use = 'training' | 'validation';

/** The images of a stage that could not be read so far, as its state keeps them. */
export type UnreadableByUse = { readonly [use in Use]?: readonly Unreadable[] };

/** Images that a stage goes without; absent where all could be read. */
export const UNREADABLE = Type.Unsafe<UnreadableByUse>(
  Type.Object({ training: Type.Optional(Images), validation: Type.Optional(Images) }),
);

const Schema = Type.Object({
  /** Iterations behind us. */
  iteration: Count,
  /** The last iteration whose validations are done; that of the checkpoint in states of older versions, which lack it. */
  validated: Type.Optional(Count),
  /** Best validation so far. */
  best: Type.Optional(Type.Object({ iteration: Count, value: Figure })),
  /** Length of the stage's journal at that moment, in bytes. */
  journal: Count,
  /** Losses since the last point of their curves. */
  curves: Type.Record(Type.String(), Type.Object({ sum: Type.Number(), count: Count })),
  /** Seconds spent training, over all sessions. */
  seconds: Type.Number({ minimum: 0 }),
  unreadable: Type.Optional(UNREADABLE),
});

/** What a checkpoint remembers beside its tensors. */
export type Progress = Static<typeof Schema>;

/** Errors: the text is not what `JSON.stringify` made of a progress. */
export function parseProgress(text: string | undefined): Progress {
  if (text === undefined) throw new Error('it does not say how far the training is');
  const progress: unknown = JSON.parse(text);
  const wrong = Value.Errors(Schema, progress).First();
  if (wrong) throw new Error(`its progress${wrong.path.replaceAll('/', '.')} is ${JSON.stringify(wrong.value)}`);
  return progress as Progress;
}
