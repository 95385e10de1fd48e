import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  readSafetensors,
  readSafetensorsMetadata,
  writeSafetensors,
  makeFolder,
  UserError,
  VECTOR_ORDER,
  type JournalNumber,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Rank, Variable } from '@tensorflow/tfjs-core';
import type { UnreadableByUse } from './unreadable-images.ts';

const ORDER = String(VECTOR_ORDER);

/** What a checkpoint remembers beside its tensors. */
export interface Progress {
  /** Iterations behind us. */
  iteration: number;
  /** The last iteration whose validations are done; that of the checkpoint in states of older versions, which lack it. */
  validated?: number;
  /** Best validation so far. */
  best?: { iteration: number; value: JournalNumber };
  /** Length of the stage's journal at that moment, in bytes. */
  journal: number;
  /** Losses since the last point of their curves. */
  curves: Record<string, { readonly sum: number; readonly count: number }>;
  /** Seconds spent training, over all sessions. */
  seconds: number;
  /** Images that the training goes without; absent where all could be read. */
  unreadable?: UnreadableByUse;
}

/** Where a stage of this folder keeps its state. */
export function stateFile(folder: string): string {
  return join(folder, 'state', 'training.safetensors');
}

/**
 * How far the stage of this folder is, or undefined where nothing was saved. Errors: `UserError` for a state of another version, whose
 * vectors are in another order.
 */
export function savedProgress(folder: string): Progress | undefined {
  const file = stateFile(folder);
  if (!existsSync(file)) return undefined;
  const metadata = readSafetensorsMetadata(file);
  if (metadata.get('order') !== ORDER) {
    throw new UserError(
      `${file} was saved by another version of dualprior, which has the numbers in another order.\n` +
        `  Remove ${folder} to train the stage anew, or finish it with that version.`,
    );
  }
  return JSON.parse(metadata.get('progress') ?? '') as Progress;
}

/**
 * All that a stage needs to go on: its variables by name and its progress, in one file that is replaced in one
 * step, so that a kill at any moment leaves the old state or the new one.
 */
export class TrainingState {
  readonly #folder: string;
  readonly #file: string;

  constructor(
    folder: string,
    readonly variables: ReadonlyMap<string, Variable<Rank.R1>>,
  ) {
    this.#folder = folder;
    this.#file = stateFile(folder);
  }

  /** Restores the variables and returns the progress, or undefined where nothing was saved. Errors: those of `savedProgress`. */
  load(): Progress | undefined {
    const progress = savedProgress(this.#folder);
    if (!progress) return undefined;
    const { tensors } = readSafetensors(this.#file);
    for (const [name, variable] of this.variables) {
      const values = tensors.get(name)?.values;
      if (values?.length !== variable.size) {
        throw new Error(`${this.#file} does not hold "${name}" with ${variable.size} numbers.`);
      }
      tf.tidy(() => variable.assign(tf.tensor1d(values.slice())));
    }
    return progress;
  }

  save(progress: Progress): void {
    makeFolder(dirname(this.#file));
    const tensors = new Map(
      [...this.variables].map(([name, variable]) => [
        name,
        { shape: [variable.size], values: variable.dataSync<'float32'>() },
      ]),
    );
    writeSafetensors(this.#file, tensors, { progress: JSON.stringify(progress), order: ORDER });
  }
}
