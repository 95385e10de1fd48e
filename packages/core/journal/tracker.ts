import { Kind } from '../component/kind.ts';

/** A journal that belongs to a run, and where its records hang in the tree of runs. */
export interface JournalSource {
  readonly file: string;
  /** Put before each record's own path: `["stages", "restore@3b4f85fa42c81a35"]` for a stage's journal, `[]` for the run's own. */
  readonly at: readonly string[];
  /** The name of the run at this place, which a stage's own journal does not contain. Default: the name in the journal. */
  readonly name?: string;
}

/** What a tracker must know about a run. */
export interface TrackedRun {
  /** The run directory, where a tracker may keep how far it got. */
  readonly directory: string;
  /** Name of the experiment. */
  readonly name: string;
  /** The sweep that it is a variant of: a tracked run of its own, which also has the stages of all its variants. */
  readonly sweep?: Omit<TrackedRun, 'sweep'> | undefined;
}

/** Where the run is to be seen. */
export interface TrackerAddress {
  /** The server or folder that it is on. */
  readonly uri: string;
  /** For display: the page of the run, or the command that shows it; null while it is not known. */
  readonly page: string | null;
  /** For programs: by what the tracker knows the run; null while it is not known. */
  readonly ids: Readonly<Record<string, string | null>>;
}

/** How far a tracker came. */
export interface Delivery {
  /** True if everything in all journals has arrived. */
  readonly complete: boolean;
  /** Records that have not arrived; null if nobody knows how many. */
  readonly missing: number | null;
  /** Why not, in a sentence; null if complete. */
  readonly problem: string | null;
  /** What delivers the rest later, for display: "`yarn TRACKER push RUN`". */
  readonly remedy: string;
  /** What arrived otherwise than written (refused values, artifacts that stay local), in sentences. */
  readonly notes: readonly string[];
}

/** Speaks to the user while a run continues. */
export interface TrackerConsole {
  info(message: string): void;
  warn(message: string): void;
}

/**
 * Shows a run elsewhere, fed from its journals in the background. Nothing it meets stops the run: trouble is reported once and tried again; what has
 * not arrived at the end can be delivered later from the run directory. Where the run directory was tracked before, it continues: nothing is shown twice.
 */
export interface Tracker {
  /** What users call it. */
  readonly name: string;
  /** Null while it is not known. */
  readonly address: TrackerAddress | null;
  /** Whether it shows what the machine is busy with, so that a run should journal it. Default: no. */
  readonly systemMetrics?: boolean;
  /** Starts the server that shows runs on this machine, for `--serve`, if the tracker has one. Errors: it cannot be started. */
  serve?(console: TrackerConsole): Promise<void>;
  /**
   * Begins to deliver `RUN/journal.jsonl`. Resolves when the first records have arrived or could not,
   * after 3 seconds at most.
   */
  start(run: TrackedRun, console: TrackerConsole): Promise<void>;
  /** Delivers this journal too. */
  follow(source: JournalSource): void;
  /** Delivers what is left, for at most so many seconds, and stops. */
  finish(timeoutSeconds: number): Promise<Delivery>;
}

export const trackers = new Kind<Tracker>('tracker');
