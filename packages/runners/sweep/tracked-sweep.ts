import { Container, Journal, readWholeJournal, sourceTags, type Sweep } from '@dualprior/core';
import { comparisonText } from '../compare/tables.ts';
import type { RunComparison } from '../compare/compare-runs.ts';
import type { Console } from '../console/console.ts';
import { openStore } from '../experiment/session.ts';
import { nextSystemStep, SystemMetrics } from '../experiment/system-metrics.ts';
import { secondsToDeliver, Tracking, type Tracked } from '../experiment/tracking.ts';
import { RunDirectory } from '../store/run-directory.ts';
import { stageJournal } from '../store/stage-journal.ts';
import { StoredStages } from '../store/stored-stages.ts';
import { writeSweepFile } from '../store/sweep-files.ts';
import { sweepStages, type SweepStage } from './stage-names.ts';
import { labelOf, trackedFolder } from './tasks.ts';

/**
 * A sweep as trackers show it: a run of its own, to which its runs belong, with all their stages, each once. It has a run directory,
 * from which it can be delivered as any run.
 */
export class TrackedSweep {
  private constructor(
    private readonly stages: readonly SweepStage[],
    private readonly directory: RunDirectory,
    private readonly journal: Journal,
    private readonly tracking: Tracking,
    private readonly system: SystemMetrics | undefined,
    private readonly unlock: () => void,
  ) {}

  get path(): string {
    return this.directory.path;
  }

  /**
   * Begins, or continues. Undefined where the experiment has no tracker, or is not several.
   * @param runs folder of the runs; that of the experiment's file if absent (`runsFolderOf`)
   * Errors: `UserError` where the same sweep is running.
   */
  static async begin(sweep: Sweep, runs: string | undefined, console: Console): Promise<TrackedSweep | undefined> {
    const { base } = sweep;
    if (base.trackers.length === 0 || sweep.variants.length === 1) return undefined;
    const tracking = new Tracking(base, new Container(base), console);
    const directory = RunDirectory.open(trackedFolder(base, runs), base);
    const unlock = directory.lock();
    directory.keep(base);
    const members = sweep.variants.map((variant) => {
      const { changes, experiment } = variant;
      return [experiment.name, { label: labelOf(variant, sweep), changes, seed: experiment.seed }] as const;
    });
    writeSweepFile(directory.path, { name: base.name, members: Object.fromEntries(members) });
    const records = await readWholeJournal(directory.journal);
    const journal = Journal.open(directory.journal);
    journal.start(base.name);
    const tags = { sweep: base.name, ...triedIn(sweep), ...(await sourceTags(base.file)) };
    for (const [key, value] of Object.entries(tags)) journal.tag(key, value);
    for (const name of ['experiment.yaml', 'sweep.json']) journal.artifact(name, directory.file(name));
    await tracking.start({ directory: directory.path, name: base.name });
    const system = tracking.systemMetrics ? new SystemMetrics(nextSystemStep(records)) : undefined;
    if (system) system.journal = journal;
    const tracked = new TrackedSweep(sweepStages(sweep), directory, journal, tracking, system, unlock);
    tracked.#followStages();
    return tracked;
  }

  /** Delivers what is left, with the comparison of the runs that ended. */
  async end(status: 'FINISHED' | 'FAILED' | 'KILLED', comparison?: RunComparison): Promise<Tracked[]> {
    this.system?.stop();
    this.#followStages(); // one that was trained again is another stage now
    if (comparison) {
      this.journal.tag('note', comparisonText(comparison, 'md'));
      const table = this.directory.write('comparison.csv', `${comparisonText(comparison, 'csv')}\n`);
      this.journal.artifact('comparison.csv', table);
    }
    this.journal.end(status);
    this.journal.close();
    const tracked = await this.tracking.finish(secondsToDeliver(status));
    this.unlock();
    return tracked;
  }

  #followStages(): void {
    for (const { stage, name, experiment } of this.stages) {
      const { path } = new StoredStages(experiment, openStore(experiment)).find(stage);
      this.directory.linkStage(name, path);
      this.tracking.follow(stageJournal(this.directory.path, name));
    }
  }
}

/** What a sweep tries, its seeds and the values of each path: tags, as the next one of this base may try more. */
function triedIn({ variants, seeds }: Sweep): Record<string, string> {
  const values = new Map<string, Set<string>>();
  for (const { changes } of variants) {
    for (const [path, value] of Object.entries(changes)) {
      values.set(path, (values.get(path) ?? new Set()).add(JSON.stringify(value)));
    }
  }
  const tried = [...values].map(([path, all]) => [`changed.${path}`, [...all].join(', ')] as const);
  return { seeds: seeds.join(', '), variants: String(variants.length / seeds.length), ...Object.fromEntries(tried) };
}
