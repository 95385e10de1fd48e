import { listRuns } from '../housekeeping/listed-run.ts';
import { runsText } from '../housekeeping/listings.ts';
import { runsFolderHere, storeIn } from '../store/places.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  store?: string;
  json?: boolean;
}

const program = newCommand('runs')
  .description('Lists runs, newest first: name, seed, date, status, and the best value of each column.')
  .argument(
    '[folders...]',
    'run directories, or folders of them (default: where runs of experiments in this folder go, and runs that use the store there)',
  )
  .option('--store <dir>', 'list the runs that use this store')
  .option('--json', 'print one JSON document on standard output')
  .action((folders: string[], flags: Flags) => runCommand(() => main(folders.map(fromUser), flags)));

await parse(program);

async function main(folders: readonly string[], { store, json }: Flags): Promise<void> {
  const runs = await (folders.length > 0 || store !== undefined
    ? listRuns(folders, store && fromUser(store))
    : listRuns([runsFolderHere()], storeIn(runsFolderHere())));
  const text = runs.length > 0 ? runsText(runs) : ['There are no runs here.'];
  process.stdout.write(`${json ? JSON.stringify({ runs }) : text.join('\n')}\n`);
}
