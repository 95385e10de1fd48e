import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment, Stream } from '@dualprior/core';
import { stagesInOrder } from '../../experiment/plan.ts';
import { stages } from '../../stages/stage.ts';

/** When a run is killed: somewhat after a stage has made so many iterations, or after the evaluation has begun. */
export interface Moment {
  /** Undefined: the evaluation. */
  readonly stage?: string;
  /** The stage's type, or `evaluation`. */
  readonly type: string;
  readonly iteration: number;
  /** ms afterwards. */
  readonly after: number;
}

/** ms after an iteration, in which the next ones are made and saved. */
const LATEST = 300;

/** So many moments of each stage and one of the evaluation, in the order in which a run comes to them. */
export function momentsOf(experiment: Experiment, each: number, stream: Stream): Moment[] {
  const after = () => Math.round(stream.uniform(0, LATEST));
  const ofStages = stagesInOrder(experiment).flatMap((stage): Moment[] => {
    const spec = experiment.entry('stages', stage);
    const { iterations } = stages.about(spec);
    const moments = Array.from({ length: each }, () => stream.integer(iterations)).sort((a, b) => a - b);
    return moments.map((iteration) => ({ stage, type: spec.type, iteration, after: after() }));
  });
  const ofEvaluation: Moment = { type: 'evaluation', iteration: 0, after: after() };
  return experiment.config.evaluation ? [...ofStages, ofEvaluation] : ofStages;
}

/** Whether a run that was started at a time (ms since 1970) has come to a moment, or is past it. */
export function hasCome({ stage, iteration }: Moment, run: string, order: readonly string[], started: number): boolean {
  if (stage === undefined) return existsSync(join(run, 'evaluation'));
  const [own, ...later] = order.slice(order.indexOf(stage)).map((name) => join(run, 'stages', name, 'journal.jsonl'));
  const isWritten = (journal: string) => existsSync(journal) && statSync(journal).mtimeMs >= started;
  return later.some(isWritten) || (isWritten(own!) && lastStep(readFileSync(own!, 'utf8')) >= iteration);
}

function lastStep(journal: string): number {
  return Math.max(0, ...[...journal.matchAll(/"event":"metric".*"step":(\d+)/g)].map(([, step]) => Number(step)));
}
