import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { JOURNAL_START, makeFolder, UserError } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';

const Shown = Type.Object({ step: Type.Integer(), value: Type.String() });

/** An event file so far, as far as what comes next depends on it. */
const EventFile = Type.Object({
  /** Bytes that count: what stands behind them is of an interrupted delivery, and is written again. */
  length: Type.Integer({ minimum: 0 }),
  /** Hyperparameters that are not written yet, as others may follow. */
  pending: Type.Record(Type.String(), Type.String()),
  /** The last that each tag has shown. */
  shown: Type.Record(Type.String(), Shown),
});

/** What was delivered of a journal. */
const Delivered = Type.Object({
  /** Where its own records are shown, relative to the folder of the run: '' or `stages/restore`. */
  folder: Type.String(),
  position: Type.Object({ offset: Type.Integer({ minimum: 0 }), check: Type.String() }),
  /** Part of the names of its event files: seconds since 1970, greater for newer files. */
  began: Type.Integer({ minimum: 0 }),
  /** By the folder that each lies in, relative to the folder of the run. */
  files: Type.Record(Type.String(), EventFile),
});

const Stored = Type.Object({ run: Type.String(), journals: Type.Record(Type.String(), Delivered) });

export type EventFile = Static<typeof EventFile>;
export type Delivered = Static<typeof Delivered>;

/**
 * How far the journals of a run were delivered to event files: `delivery.json` beside these, replaced as a whole. Losing it together with
 * them is no harm: all is written again.
 */
export class DeliveryState {
  readonly #file: string;
  #stored: Static<typeof Stored>;

  /** Errors: `UserError` where the folder cannot be made or has event files of another run. */
  constructor(
    /** The folder of the event files. */
    readonly folder: string,
    run: string,
  ) {
    makeFolder(folder);
    this.#file = join(folder, 'delivery.json');
    const stored = read(this.#file);
    // Relative, so that a run directory with its event files can be moved.
    this.#stored = stored ?? { run: relative(folder, run), journals: {} };
    if (this.#stored.run !== relative(folder, run) || (!stored && hasEventFiles(folder))) {
      throw new UserError(
        `${folder} has event files of another run. Remove it, or name another folder (tracking.folder).`,
      );
    }
  }

  /** The progress of a journal; its beginning if nothing was delivered yet. */
  progress(journal: string, folder: string): Delivered {
    const known = this.#stored.journals[journal];
    return structuredClone(known ?? { folder, position: JOURNAL_START, began: 0, files: {} });
  }

  /** Journals that were shown in this folder before: of the same stage, trained otherwise. */
  othersIn(folder: string, journal: string): string[] {
    return Object.entries(this.#stored.journals).flatMap(([name, other]) =>
      name !== journal && other.folder === folder ? [name] : [],
    );
  }

  save(journal: string, progress: Delivered): void {
    this.#replace({ ...this.#stored.journals, [journal]: progress });
  }

  forget(journal: string): void {
    const { [journal]: _, ...others } = this.#stored.journals;
    this.#replace(others);
  }

  #replace(journals: Record<string, Delivered>): void {
    const stored = { ...this.#stored, journals };
    // No fsync: it would hold up training, and what a power cut takes is found out from the event files.
    writeFileAtomic.sync(this.#file, `${JSON.stringify(stored)}\n`, { fsync: false });
    this.#stored = stored;
  }
}

/** Undefined where there is none that is valid. */
function read(file: string): Static<typeof Stored> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Value.Check(Stored, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function hasEventFiles(folder: string): boolean {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) => name.includes('tfevents'));
}
