import { join } from 'node:path';
import { Journal, sourceTags, type Experiment, Interrupted } from '@dualprior/core';
import { infiniteColumn } from '../evaluation/finite-mean.ts';
import type { Results } from '../evaluation/results.ts';
import { toMarkdown } from '../evaluation/table.ts';
import { NOTHING_COMPARED, saveMeasurements } from '../report/record/measurements.ts';
import { writeReport } from '../report/write-report.ts';
import { stageJournal } from '../store/stage-journal.ts';
import { evaluateMethods } from './evaluate-methods.ts';
import { finishedMethods } from './finished-methods.ts';
import { runsFolder } from '../store/places.ts';
import { leftToTrain, plan } from './plan.ts';
import { noteStart } from './previous-end.ts';
import { prepareData } from '../checks/preflight.ts';
import { RunDirectory } from '../store/run-directory.ts';
import { runFacts } from './run-facts.ts';
import { samplerOf } from './sampler.ts';
import { openSession, type SessionOptions } from './session.ts';
import { sharedImages } from './shared-images.ts';
import { Tracking, type Tracked } from './tracking.ts';
import { trainStage, type StageOutcome } from './train-stage.ts';

const SECONDS_TO_DELIVER = 30;

interface RunOptions extends SessionOptions {
  /** Default: `runs/NAME-HASH` of the checkout, so that the same command goes on with the same run. */
  readonly runDir?: string | undefined;
  /** Aborted to interrupt: what is trained is saved and the run ends with `Interrupted`. */
  readonly signal: AbortSignal;
  /** Whether to wait for a stage that another process trains (the default). */
  readonly wait?: boolean | undefined;
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
  const session = await openSession(experiment, options);
  const { store, stored, engine, code, networks, container } = session;
  const tracking = new Tracking(experiment, container, console);
  if (options.serve) await tracking.serve();
  await prepareData(experiment, container, leftToTrain(stored), console);
  const plannedStages = plan(stored);
  const directory = RunDirectory.open(options.runDir ?? defaultRunDirectory(experiment), experiment);
  console.info(`  run directory ${directory.path}`);
  const unlock = directory.lock();
  const { ended: noteEnd, warning } = noteStart(directory.file('started'));
  if (warning !== undefined) console.warn(warning);
  directory.keep(experiment);
  const journaled = await finishedMethods(directory.journal);
  const journal = Journal.open(directory.journal);
  await begin(journal, experiment, directory);
  await tracking.start({ directory: directory.path, name: experiment.name });
  const sampler = samplerOf(experiment, container);
  const stages: StageOutcome[] = [];
  let tracked: Tracked[] | undefined;
  const end = async (status: 'FINISHED' | 'FAILED' | 'KILLED') => {
    if (tracked) return tracked;
    journal.end(status);
    journal.close();
    return (tracked = await tracking.finish(status === 'KILLED' ? 2 : SECONDS_TO_DELIVER));
  };
  try {
    const shared = await sharedImages(experiment, container, directory.file('shared-images.json'));
    shared.forEach((line) => console.warn(line));
    for (const planned of plannedStages) {
      directory.linkStage(planned.name, stored.open(planned.name).path);
      tracking.follow(stageJournal(directory.path, planned.name));
      stages.push(await trainStage(planned, { ...session, sampler, console, signal, wait }));
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

function defaultRunDirectory(experiment: Experiment): string {
  return join(runsFolder(), `${experiment.name}-${experiment.hash}`);
}

/** Notes in the journal what the run is made of. */
async function begin(journal: Journal, experiment: Experiment, directory: RunDirectory): Promise<void> {
  const { tracking: _tracking, report: _report, launcher: _launcher, ...config } = experiment.config;
  journal.start(experiment.name);
  journal.params(config);
  for (const [key, value] of Object.entries(await sourceTags(experiment.file))) journal.tag(key, value);
  journal.artifact('experiment.yaml', directory.file('experiment.yaml'));
}

function logResults(results: Results, journal: Journal): void {
  journal.tag('note', toMarkdown(results));
  for (const { method, values, infinite = {} } of results.rows) {
    results.columns.forEach(({ name }, c) => journal.metric(`${method}.${name}`, values[c]!, 0));
    for (const [name, count] of Object.entries(infinite)) journal.metric(`${method}.${infiniteColumn(name)}`, count, 0);
  }
}
