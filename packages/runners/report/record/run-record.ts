import { basename } from 'node:path';
import type { Experiment } from '@dualprior/core';
import { Intervals } from '../../evaluation/intervals.ts';
import { INPUT, type Results } from '../../evaluation/results.ts';
import { imagesAStep } from '../../stages/stage-facts.ts';
import { stages } from '../../stages/stage.ts';
import { linkedStages } from '../../store/linked-stages.ts';
import { belowInput } from '../remarks/below-input.ts';
import { remarksOn } from '../remarks/remarks.ts';
import { starvedBaselines } from '../remarks/starved-baselines.ts';
import type { RunRecord } from '../report.ts';
import { readSeeds, type SeedRun } from '../seeds/seed-run.ts';
import { costOf, imagesSeen } from './cost.ts';
import { evidenceOf } from './evidence.ts';
import { readMeasurements, readMethod } from './measurements.ts';
import { findPictures } from './pictures.ts';
import { readStageHistory, type StageHistory } from './stage-history.ts';

/**
 * Reads all that a run has left in its directory and in the stages that it links to.
 * Errors: it has not finished.
 * @param seeds of all runs that differ from it in their seeds only, where they are read already
 */
export async function readRunRecord(
  experiment: Experiment,
  directory: string,
  seeds: readonly SeedRun[] = readSeeds(directory),
): Promise<RunRecord> {
  const { columns, rows, note, facts, remarks = [], tooFew = [] } = readMeasurements(directory);
  const trained = await readStages(experiment, directory);
  const histories = new Map(trained.map((stage) => [stage.name, stage]));
  const results: Results = {
    columns,
    rows: rows.map(({ method, values, infinite, parameters }) => ({
      method,
      values,
      ...(infinite && { infinite }),
      ...(parameters !== undefined && { cost: costOf(experiment, method, parameters, histories) }),
    })),
    note,
    remarks: [
      ...remarks,
      ...remarksOn(experiment),
      ...belowInput(experiment, { columns, rows }),
      ...starvedBaselines(experiment, (stage) => imagesSeen(histories.get(stage))),
    ],
    tooFew,
  };
  const perImage = new Map(rows.map(({ method }) => [method, readMethod(directory, method)]));
  const intervals = new Intervals(perImage);
  const views = new Map(rows.flatMap(({ method, views }) => (views ? [[method, views] as const] : [])));
  const labels = rows.map(({ method }) => method);
  return {
    experiment,
    directory,
    results,
    evidence: evidenceOf(results, intervals),
    intervals,
    stages: trained,
    seeds,
    pictures: findPictures(directory, perImage.get(INPUT)?.names ?? [], labels, views),
    facts,
  };
}

/** The stages of the experiment that the run has linked to, in the order of the file. */
async function readStages(experiment: Experiment, directory: string): Promise<StageHistory[]> {
  const linked = linkedStages(directory, [...experiment.entries('stages').keys()]);
  return Promise.all(
    [...linked].map(([name, folder]) => {
      const spec = experiment.entry('stages', name);
      const about = { type: spec.type, images: imagesAStep(stages.about(spec)) };
      return readStageHistory(name, basename(folder.path), about, folder);
    }),
  );
}
