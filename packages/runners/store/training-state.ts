import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  DamagedFileError,
  makeFolder,
  parseFile,
  readSafetensors,
  readSafetensorsMetadata,
  UserError,
  valuesOf,
  VECTOR_ORDER,
  writeSafetensors,
  type StateDict,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Rank, Variable } from '@tensorflow/tfjs-core';
import { parseProgress, type Progress } from './progress.ts';

const ORDER = String(VECTOR_ORDER);
/** Numbers of a variable that are in memory at a time when it is saved: 64 MiB. */
const PIECE = 2 ** 24;

/** Where a stage of this folder keeps its state. */
export function stateFile(folder: string): string {
  return join(folder, 'state', 'training.safetensors');
}

/** Where it keeps the state before that one. */
export function previousStateFile(folder: string): string {
  return join(folder, 'state', 'previous.safetensors');
}

/**
 * How far the stage of this folder is, or undefined where nothing was saved: by its state, or by the one before where that is damaged.
 * Errors: `UserError` for a state of another version, whose vectors are in another order, and where all that was saved is damaged.
 */
export function savedProgress(folder: string): Progress | undefined {
  return newestWhole(folder, (file) => progressOf(file, readSafetensorsMetadata(file), folder));
}

/** The state before the last one is of no use to a stage that has ended. */
export function removePreviousState(folder: string): void {
  rmSync(previousStateFile(folder), { force: true });
}

/**
 * All that a stage needs to continue: its variables by name and its progress, in one file that is replaced in one
 * step, so that a kill at any moment leaves the old state or the new one. The one before is kept, in case the file is damaged later.
 */
export class TrainingState {
  readonly #folder: string;

  constructor(
    folder: string,
    readonly variables: ReadonlyMap<string, Variable<Rank.R1>>,
  ) {
    this.#folder = folder;
  }

  /**
   * Restores the variables and returns the progress, or undefined where nothing was saved. A state that is damaged is replaced by the one
   * before. Errors: those of `savedProgress`.
   * @param warn called if something is damaged
   */
  load(warn: (line: string) => void): Progress | undefined {
    const newest = stateFile(this.#folder);
    return newestWhole(this.#folder, (file, damaged) => {
      const { tensors, metadata } = readSafetensors(file);
      const progress = progressOf(file, metadata, this.#folder);
      this.#restore(file, tensors);
      if (file !== newest) renameSync(file, newest);
      damaged.forEach(({ message }) => warn(`${message}\n  The training continues from the state before that one.`));
      return progress;
    });
  }

  save(progress: Progress): void {
    const file = stateFile(this.#folder);
    makeFolder(dirname(file));
    const tensors = [...this.variables].map(
      ([name, variable]) => [name, { shape: [variable.size], values: pieces(variable) }] as const,
    );
    const metadata = { progress: JSON.stringify(progress), order: ORDER };
    writeSafetensors(file, tensors, metadata, previousStateFile(this.#folder));
  }

  #restore(file: string, tensors: StateDict): void {
    for (const [name, variable] of this.variables) {
      const values = tensors.get(name)?.values;
      tensors.delete(name); // one variable at a time is in memory a second time
      if (values?.length !== variable.size) {
        throw new DamagedFileError(`${file} does not hold "${name}" with ${variable.size} numbers.`);
      }
      tf.tidy(() => variable.assign(tf.tensor1d(values)));
    }
  }
}

/** Errors: `UserError` where all states are damaged; what `read` throws otherwise. */
function newestWhole<T>(
  folder: string,
  read: (file: string, damaged: readonly DamagedFileError[]) => T,
): T | undefined {
  const damaged: DamagedFileError[] = [];
  for (const file of [stateFile(folder), previousStateFile(folder)].filter((each) => existsSync(each))) {
    try {
      return read(file, damaged);
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      damaged.push(error);
    }
  }
  if (damaged.length === 0) return undefined;
  const messages = damaged.map(({ message }) => message).join('\n');
  throw new UserError(
    `${messages}\n  There is no state before that could be continued from. Remove ${join(folder, 'state')} to train the stage again.`,
  );
}

function progressOf(path: string, metadata: ReadonlyMap<string, string>, folder: string): Progress {
  const [text, order] = ['progress', 'order'].map((name) => metadata.get(name));
  if (text !== undefined && order !== ORDER) {
    throw new UserError(
      `${path} was saved by another version of dualprior, which stored the weights in another order.\n` +
        `  Remove ${folder} to train the stage again, or finish it with that version.`,
    );
  }
  return parseFile(path, 'training state', () => parseProgress(text));
}

function* pieces(variable: Variable<Rank.R1>): Generator<Float32Array> {
  for (let begin = 0; begin < variable.size; begin += PIECE) {
    const size = Math.min(PIECE, variable.size - begin);
    yield valuesOf(variable, begin, size);
  }
}
