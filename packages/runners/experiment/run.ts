import { join, resolve } from 'node:path';
import { Journal, readWholeJournal, sourceTags, type Experiment, Interrupted } from '@dualprior/core';
import { infiniteColumn } from '../inference/finite-mean.ts';
import type { Results } from '../evaluation/results.ts';
import { toMarkdown } from '../evaluation/table.ts';
import { NOTHING_COMPARED, saveMeasurements } from '../report/record/measurements.ts';
import { writeReport } from '../report/write-report.ts';
import { stageJournal } from '../store/stage-journal.ts';
import { joinSweep, readMembership, type Membership } from '../store/sweep-files.ts';
import { evaluateMethods } from './evaluate-methods.ts';
import { allData } from './dataset-uses.ts';
import { finishedMethods } from './finished-methods.ts';
import { runsFolderOf } from '../store/places.ts';
import { leftToTrain, plan } from './plan.ts';
import { noteStart } from './previous-end.ts';
import { prepareData } from '../checks/preflight.ts';
import { RegisteredRuns } from '../store/registered-runs.ts';
import { RunDirectory, runName } from '../store/run-directory.ts';
import { runFacts } from './run-facts.ts';
import { samplerOf } from './sampler.ts';
import { openSession, type SessionOptions } from './session.ts';
import { sharedImages } from './shared-images.ts';
import { nextSystemStep, SystemMetrics } from './system-metrics.ts';
import { secondsToDeliver, Tracking, type Tracked } from './tracking.ts';
import { trainStage, type StageOutcome } from './train-stage.ts';

export interface RunOptions extends SessionOptions {
  /** Default: `NAME-HASH` in the folder of runs (`runsFolderOf`), so that the same command continues with the same run. */
  readonly runDir?: string | undefined;
  /** Aborted to interrupt: what is trained is saved and the run ends with `Interrupted`. */
  readonly signal: AbortSignal;
  /** Whether to wait for a stage that another process trains (the default). */
  readonly wait?: boolean | undefined;
  /** The directory of the sweep that this is a run of, if it was started as one. */
  readonly partOf?: string | undefined;
  /** Whether to start the trackers' own servers on this machine first. */
  readonly serve?: boolean | undefined;
}

export interface RunOutcome {
  readonly runDir: string;
  readonly tracking: readonly Tracked[];
  /** Absent where the experiment has no evaluation. */
  readonly results: Results | undefined;
  readonly stages: readonly StageOutcome[];
}

/** Trains what is not trained yet, evaluates every method on the same data, logs it all. */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<RunOutcome> {
  const { console, signal, wait = true } = options;
  const started = new Date();
  const runDir = resolve(options.runDir ?? defaultRunDirectory(experiment));
  const session = await openSession(experiment, options);
  console.info(`  run directory ${runDir}`);
  const { store, stored, engine, code, networks, container } = session;
  const tracking = new Tracking(experiment, container, console);
  if (options.serve) await tracking.serve();
  await prepareData(experiment, container, leftToTrain(stored), console);
  const plannedStages = plan(stored);
  const directory = RunDirectory.open(runDir, experiment);
  const unlock = directory.lock();
  const { ended: noteEnd, warning } = noteStart(directory.file('started'));
  if (warning !== undefined) console.warn(warning);
  directory.keep(experiment, store.root);
  new RegisteredRuns(store.root).register({ path: directory.path, stages: plannedStages.map(({ hash }) => hash) });
  if (options.partOf !== undefined) joinSweep(directory.path, options.partOf, experiment.name);
  const member = readMembership(directory.path);
  const records = await readWholeJournal(directory.journal);
  const journaled = finishedMethods(records);
  const journal = Journal.open(directory.journal);
  await begin(journal, experiment, directory, member);
  await tracking.start({ directory: directory.path, name: experiment.name, sweep: member?.sweep });
  // In a sweep they stand with the sweep, as the stages do.
  const system = tracking.systemMetrics && !member ? new SystemMetrics(nextSystemStep(records)) : undefined;
  const sampler = samplerOf(experiment, container);
  const stages: StageOutcome[] = [];
  let tracked: Tracked[] | undefined;
  const end = async (status: 'FINISHED' | 'FAILED' | 'KILLED') => {
    if (tracked) return tracked;
    system?.stop();
    journal.end(status);
    journal.close();
    return (tracked = await tracking.finish(secondsToDeliver(status)));
  };
  try {
    const shared = await sharedImages(experiment, container, directory.file('shared-images.json'));
    shared.forEach((line) => console.warn(line));
    for (const planned of plannedStages) {
      directory.linkStage(planned.name, stored.open(planned.name).path);
      const source = stageJournal(directory.path, planned.name);
      // The stages of a sweep are its own: several of its runs may have them.
      if (!member) tracking.follow(source);
      // Not with the run itself: a comparison of runs opens with what was noted for them first.
      if (system) system.journal = journal.of(...source.at);
      stages.push(await trainStage(planned, { ...session, sampler, console, signal, wait }));
      if (system) system.journal = undefined;
    }
    const references = join(store.root, 'references');
    const evaluation = {
      experiment,
      stored,
      code,
      container,
      networks,
      sampler,
      references,
      directory,
      shared,
      journal,
      journaled,
      console,
      signal,
    };
    const evaluated = experiment.config.evaluation ? await evaluateMethods(evaluation) : undefined;
    const facts = await runFacts(experiment, engine, started, tracking.addresses);
    const measured = evaluated ?? NOTHING_COMPARED;
    const remarks = [...(measured.remarks ?? []), ...stages.flatMap(({ edited }) => edited ?? [])];
    saveMeasurements(directory, { ...measured, remarks, facts });
    const results = await writeReport(experiment, directory, journal, container);
    if (results) logResults(results, journal);
    return { runDir: directory.path, tracking: await end('FINISHED'), results, stages };
  } catch (error) {
    await end(error instanceof Interrupted ? 'KILLED' : 'FAILED');
    throw error;
  } finally {
    await sampler.close();
    noteEnd();
    unlock();
  }
}

export function defaultRunDirectory(experiment: Experiment): string {
  return join(runsFolderOf(experiment.file), runName(experiment));
}

/** Notes in the journal what the run is made of. */
async function begin(
  journal: Journal,
  experiment: Experiment,
  directory: RunDirectory,
  member: Membership | undefined,
): Promise<void> {
  const { name: _name, tracking: _tracking, report: _report, launcher: _launcher, ...config } = experiment.config;
  journal.start(member?.label ?? experiment.name);
  journal.params(config);
  if (member) for (const [key, value] of Object.entries(memberTags(member))) journal.tag(key, value);
  for (const use of allData(experiment)) journal.dataset(use);
  for (const [key, value] of Object.entries(await sourceTags(experiment.file))) journal.tag(key, value);
  journal.artifact('experiment.yaml', directory.file('experiment.yaml'));
}

/** What a run is in its sweep. */
function memberTags({ label, changes, seed, sweep }: Membership): Record<string, string> {
  const changed = Object.entries(changes).map(([path, value]) => [`changed.${path}`, JSON.stringify(value)]);
  return { sweep: sweep.name, variant: label, seed: String(seed), ...Object.fromEntries(changed) };
}

/** The last row first: MLflow opens a comparison of runs with the metric that came first, and the first row is the input, which is the same in all. */
function logResults(results: Results, journal: Journal): void {
  journal.tag('note', toMarkdown(results));
  for (const { method, values, infinite = {} } of [...results.rows].reverse()) {
    results.columns.forEach(({ name }, c) => journal.metric(`${method}.${name}`, values[c]!, 0));
    for (const [name, count] of Object.entries(infinite)) journal.metric(`${method}.${infiniteColumn(name)}`, count, 0);
  }
}
