import {
  counted,
  type Container,
  type Delivery,
  type Experiment,
  type JournalSource,
  type TrackedRun,
  type Tracker,
  type TrackerAddress,
  type TrackerConsole,
  UserError,
  type RunStatus,
} from '@dualprior/core';

/** What became of a run at one tracker. */
export interface Tracked {
  readonly type: string;
  readonly name: string;
  readonly address: TrackerAddress | null;
  readonly delivery: Delivery;
}

interface Member {
  readonly type: string;
  readonly tracker: Tracker;
  /** Why it could not start. */
  failure?: string;
}

const THE_SAME_COMMAND = 'the same command, run again,';

/** How long an ended run, or sweep, waits for its trackers, in seconds: what was interrupted ends soon, as a push delivers the rest. */
export function secondsToDeliver(status: RunStatus): number {
  return status === 'KILLED' ? 2 : 30;
}

/** The trackers of a run together. What fails for one of them holds up neither the run nor the others. */
export class Tracking {
  readonly #members: readonly Member[];

  /** Errors: what a tracker finds wrong with its options. */
  constructor(
    experiment: Experiment,
    container: Container,
    private readonly console: TrackerConsole,
  ) {
    this.#members = experiment.trackers.map((spec) => ({
      type: spec.type,
      tracker: container.create<Tracker>('tracker', spec),
    }));
  }

  /** Starts the servers that show runs on this machine. Errors: no tracker has one; one cannot be started. */
  async serve(): Promise<void> {
    const served = this.#members.filter(({ tracker }) => tracker.serve);
    if (served.length === 0) {
      const named = this.#members.map(({ type }) => type).join(', ') || 'null';
      throw new UserError(
        `--serve has no server to start: this experiment has no tracker with one (tracking: ${named}). ` +
          'To log it to MLflow, add `--set tracking.type=mlflow`.',
      );
    }
    for (const { tracker } of served) await tracker.serve!(this.console);
  }

  /** Whether one of them shows what the machine is busy with. */
  get systemMetrics(): boolean {
    return this.#members.some(({ tracker }) => tracker.systemMetrics === true);
  }

  async start(run: TrackedRun): Promise<void> {
    await Promise.all(
      this.#members.map(async (member) => {
        const { tracker } = member;
        try {
          await tracker.start(run, this.console);
          const page = tracker.address?.page;
          if (page) this.console.info(`  ${tracker.name} ${page}`);
        } catch (error) {
          member.failure = (error as Error).message;
          this.console.warn(`${tracker.name}: ${member.failure.replace(/\.?$/, '.')} The run continues without it.`);
        }
      }),
    );
  }

  follow(source: JournalSource): void {
    for (const { tracker, failure } of this.#members) if (failure === undefined) tracker.follow(source);
  }

  /** Where the run is to be seen, by the name of the tracker. */
  get addresses(): ReadonlyMap<string, TrackerAddress> {
    const known = this.#members.flatMap(({ tracker: { name, address } }) =>
      address ? [[name, address] as const] : [],
    );
    return new Map(known);
  }

  /** Delivers what is left, for at most so many seconds, and tells what did not arrive. */
  async finish(timeoutSeconds: number): Promise<Tracked[]> {
    const deliveries = this.#members.map((member) => this.#finish(member, timeoutSeconds));
    return Promise.all(
      this.#members.map(async ({ type, tracker }, i) => {
        const delivery = await deliveries[i]!;
        this.#tell(tracker.name, delivery);
        return { type, name: tracker.name, address: tracker.address, delivery };
      }),
    );
  }

  async #finish({ tracker, failure }: Member, timeoutSeconds: number): Promise<Delivery> {
    if (failure !== undefined) return notDelivered(failure);
    try {
      return await tracker.finish(timeoutSeconds);
    } catch (error) {
      return notDelivered((error as Error).message);
    }
  }

  #tell(name: string, { complete, missing, problem, notes, remedy }: Delivery): void {
    notes.forEach((note) => this.console.info(`  ${note}`));
    if (complete) return;
    this.console.warn(`${missing === null ? 'the run is' : counted(missing, 'record')} not in ${name}: ${problem}`);
    this.console.info(`  Nothing is lost: ${remedy} delivers ${missing === null ? 'it' : 'them'} later.`);
  }
}

function notDelivered(problem: string): Delivery {
  return { complete: false, missing: null, problem, remedy: THE_SAME_COMMAND, notes: [] };
}
