import { Container, type Experiment, type Journal } from '@dualprior/core';
import { intervalsCsv } from '../evaluation/intervals.ts';
import { toLatex } from '../evaluation/latex.ts';
import type { Results } from '../evaluation/results.ts';
import { toCsv, toMarkdown } from '../evaluation/table.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import { ComparisonReport } from './comparison.ts';
import { readRunRecord } from './record/run-record.ts';
import { reports, type Report } from './report.ts';

/**
 * Writes `results.csv`, `table.md`, `table.tex` and `report.html` from what a run has left in its directory, and notes them as
 * artifacts. Returns the table with the report's conclusions; undefined where nothing was compared, and then there is only the page. Errors: the run has not finished.
 */
export async function writeReport(
  experiment: Experiment,
  directory: RunDirectory,
  journal: Journal,
  container: Container = new Container(experiment),
): Promise<Results | undefined> {
  const record = await readRunRecord(experiment, directory.path);
  const { results } = record;
  const report = reportOf(experiment, container);
  const write = (name: string, content: string) => journal.artifact(name, directory.write(name, content));
  write('report.html', await report.page(record));
  if (results.rows.length === 0) return undefined;
  const concluded = { ...results, remarks: [...report.conclusions(record), ...(results.remarks ?? [])] };
  write('results.csv', toCsv(results));
  write('table.md', toMarkdown(concluded));
  write('evaluation/intervals.csv', intervalsCsv(results, record.intervals));
  write('table.tex', toLatex(results, experiment.name));
  return concluded;
}

/** The report that the experiment asks for; by default a comparison without reference and claims. */
export function reportOf(experiment: Experiment, container: Container = new Container(experiment)): Report {
  const { report } = experiment.config;
  return report ? container.create<Report>(reports.name, report) : new ComparisonReport({ claims: {}, figures: {} });
}
