import { existsSync, readFileSync } from 'node:fs';
import { parseSealedJson, sealedJson, UserError } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import writeFileAtomic from 'write-file-atomic';
import { CODE } from '../code/code.ts';
import { UNREADABLE } from './progress.ts';

const Schema = Type.Object({
  complete: Type.Boolean(),
  /** Which of its files others get when they name a network of this stage. */
  result: Type.Union([Type.Literal('best'), Type.Literal('last')]),
  /** Iterations that a complete stage was trained (absent in records of older versions). */
  iterations: Type.Optional(Type.Integer({ minimum: 0 })),
  /** On how many threads it is trained (absent in records of older versions, and on a GPU). */
  threads: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Seconds spent training. */
  seconds: Type.Number({ minimum: 0 }),
  /** The best checkpoint, where one is better than another (absent in records of older versions). */
  best: Type.Optional(
    Type.Union([Type.Object({ iteration: Type.Integer({ minimum: 0 }), by: Type.String() }), Type.Undefined()]),
  ),
  /** Images that it was trained and validated without, as they could not be read. */
  unreadable: Type.Optional(UNREADABLE),
  /** By what code it was started (absent in records of older versions). */
  code: Type.Optional(CODE),
  /** Why it was trained again: what counts since then is in another folder. */
  retrained: Type.Optional(Type.String()),
  /** `experiment/stage` of each experiment that used it. */
  usedAs: Type.Array(Type.String()),
});

/** Records of older versions have no checksum: they must be of nothing else. */
const WITHOUT_CHECKSUM = Type.Object(Schema.properties, { additionalProperties: false });

/** What stays written about a stage: whether it is done, and under which names it was used. */
export type StageRecord = Static<typeof Schema>;

const NEW: StageRecord = { complete: false, result: 'last', seconds: 0, usedAs: [] };

/** The record in a file; that of a new stage where there is no such file. Errors: the file is damaged. */
export function readRecord(file: string): StageRecord {
  if (!existsSync(file)) return NEW;
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(
      `${file} is damaged: ${(error as Error).message}. ` +
        'Remove that file: the stage continues from its saved state, and where there is none it is trained again.',
    );
  }
}

/** Writes the record with a checksum. */
export function writeRecord(file: string, record: StageRecord): void {
  writeFileAtomic.sync(file, sealedJson(record));
}

function parse(text: string): StageRecord {
  const { value, isSealed } = parseSealedJson(text);
  const wrong = Value.Errors(isSealed ? Schema : WITHOUT_CHECKSUM, value).First();
  if (wrong) throw new Error(`${wrong.path.slice(1)} is ${JSON.stringify(wrong.value)}`);
  return value as StageRecord;
}
