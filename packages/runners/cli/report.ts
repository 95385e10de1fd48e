import { writeFileSync } from 'node:fs';
import { Journal } from '@dualprior/core';
import '../catalogue.ts';
import { Console } from '../console/console.ts';
import { toText } from '../evaluation/table.ts';
import { experimentOfRun } from '../store/experiment-of-run.ts';
import { RunDirectory } from '../store/run-directory.ts';
import { checkReport } from '../checks/check-report.ts';
import { readMeasurements } from '../report/record/measurements.ts';
import { demoFolder } from '../report/record/demo.ts';
import { strip } from '../report/strip.ts';
import { writeReport } from '../report/write-report.ts';
import { exportPage } from '../web/export-page.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  set: string[];
  demo?: boolean;
  picture?: string;
  json?: boolean;
}

const program = newCommand('report')
  .description('Writes the tables and report.html of a run again; nothing is trained or measured.')
  .argument('<run>', 'the run directory, e.g. runs/quickstart-0123456789ab')
  .option(
    '--set <key=value>',
    'change the report, e.g. report.reference.name="Table 2" (repeatable)',
    (value: string, previous: string[]) => [...previous, value],
    [],
  )
  .option('--demo', 'also write a page that restores photographs in the browser, linked from the report')
  .option('--picture <file>', 'also write a picture (WebP) of the first test images: input, methods, sharp image')
  .option('--json', 'print one JSON document on standard output')
  .action((run: string, flags: Flags) => runCommand(() => main(fromUser(run), flags)));

await parse(program);

async function main(path: string, { set, demo, picture, json }: Flags): Promise<void> {
  const experiment = await experimentOfRun(path, { set });
  const { columns } = readMeasurements(path);
  checkReport(
    experiment,
    columns.map(({ name }) => name),
  );
  const directory = RunDirectory.open(path, experiment);
  const unlock = directory.lock();
  const journal = Journal.open(directory.journal);
  try {
    if (demo) await exportPage({ run: path, methods: [] }, demoFolder(path), new Console());
    if (picture !== undefined) writeFileSync(fromUser(picture), await strip(path));
    const results = await writeReport(experiment, directory, journal);
    const page = directory.file('report.html');
    process.stdout.write(
      `${json ? JSON.stringify({ report: page }) : `${results ? `${toText(results)}\n\n` : ''}Report  ${page}`}\n`,
    );
  } finally {
    journal.close();
    unlock();
  }
}
